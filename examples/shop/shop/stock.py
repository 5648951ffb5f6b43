"""The rule that no more is promised than there is."""

# The constraint's name, by which its violation is told from others.
NO_OVERSELLING = "shop_no_overselling"
