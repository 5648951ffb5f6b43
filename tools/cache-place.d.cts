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

/** Whether an entry is there. Then its time of change says from now on that this was its last use. */
export declare function use(entry: string): boolean;
