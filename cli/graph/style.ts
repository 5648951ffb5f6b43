import { Html } from "./html";

/** The page's style sheet. */
export const STYLE = new Html(`<style>
body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #1d2430; background: white; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
figure { margin: 1rem 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin-bottom: 1.5rem; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; white-space: nowrap; }
th, td { text-align: left; padding: 0.2rem 0.8rem; border-bottom: 1px solid #dfe3e8; }
thead th { color: #5a6270; font-size: 0.85em; white-space: nowrap; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
.faint { color: #5a6270; font-weight: normal; }
.well { color: #2e7d32; }
.wrong { color: #b3261e; }
meter { width: 16rem; }
</style>`);
