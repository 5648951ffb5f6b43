/**
 * The folder of everything that is slow to make, outside the checkout. Entries are keyed by content. The variable
 * `PULUMI_LVS_CACHE` names another folder. Root's cache is under /var/cache: qemu's own user must be able to read
 * images, and a home directory has mode 0700.
 */
export declare const cacheFolder: string;

/**
 * Returns the folder of an entry, `<name>-<hash of key>`.
 *
 * @param key everything the entry depends on (versions, scripts, flags)
 */
export declare function placeOf(name: string, key: unknown): string;

/** Notes that an entry is used now: its time of change says when that was last. What is another user's stays as it is. */
export declare function noteUse(entry: string): void;
