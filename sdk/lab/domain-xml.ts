/**
 * Returns the stylesheet that the Terraform provider applies to its XML, for what the provider itself cannot express.
 * The provider runs `xsltproc` where Pulumi runs. The serial console is kept in a file. There are no graphics and no
 * agent channel, because nobody uses them. Disks do not wait for the host's own disk, because a lab need not survive a
 * power cut. An emulated processor says of no string instruction that it is fast: QEMU takes a step for each byte, and Linux
 * and glibc would copy by these instructions.
 */
export function domainStylesheet(consoleLog: string): string {
  return `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes"/>
  <xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>
  <xsl:template match="/domain[@type='qemu']/cpu">
    <xsl:copy><xsl:apply-templates select="node()|@*"/><feature name="erms" policy="disable"/><feature name="fsrm" policy="disable"/></xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/graphics"/>
  <xsl:template match="/domain/devices/channel"/>
  <xsl:template match="/domain/devices/video"/>
  <xsl:template match="/domain/devices/disk/driver">
    <xsl:copy><xsl:apply-templates select="@*"/><xsl:attribute name="cache">unsafe</xsl:attribute></xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/console[1]">
    <serial type="pty"><log file="${attribute(consoleLog)}" append="on"/><target port="0"/></serial>
  </xsl:template>
  <xsl:template match="/domain/devices">
    <xsl:copy><xsl:apply-templates select="node()|@*"/><video><model type="none"/></video><memballoon model="none"/></xsl:copy>
  </xsl:template>
</xsl:stylesheet>`;
}

/** Returns the text as an XSLT attribute value template, in which single braces hold an expression. */
function attribute(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;").replace(/[{}]/g, "$&$&");
}
