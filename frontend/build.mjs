// Builds the assets of the pages: bundles, icon sprite and font, each under a
// name that carries the hash of its content, and manifest.json which maps the
// plain names to those. Run by `make assets`; `--watch` is not needed, it takes
// about a second.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const target = join(root, "zhike/pages/static/zhike/dist");
const staging = target + ".new";
const FIRST_PAGE_BUDGET = 200 * 1024;

const manifest = {};
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
process.on("exit", () => rmSync(staging, { recursive: true, force: true }));

const hashOf = (content) => createHash("sha256").update(content).digest("hex").slice(0, 12);

function put(name, content) {
  const ext = extname(name);
  const hashed = `${basename(name, ext)}-${hashOf(content)}${ext}`;
  writeFileSync(join(staging, hashed), content);
  manifest[name] = hashed;
  return hashed;
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["static", "locale", "__pycache__", "node_modules"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

// --- icons: only those named somewhere, as one sprite of <symbol>s -----------
function iconNames() {
  const used = new Map();
  const note = (name, where) => used.has(name) || used.set(name, where);
  const list = join(root, "frontend/icons.txt");
  if (existsSync(list)) {
    for (const line of readFileSync(list, "utf8").split("\n")) {
      const name = line.replace(/#.*/, "").trim();
      if (name) note(name, "frontend/icons.txt");
    }
  }
  const pattern = /\bicon(?:\(|\s*=\s*)(["'])([a-z0-9-]+)\1/g;
  for (const path of walk(join(root, "zhike"))) {
    const html = path.endsWith(".html") && path.includes("/jinja2/");
    const python = path.endsWith(".py") && !path.includes("/tests/");
    if (!html && !python) continue;
    for (const found of readFileSync(path, "utf8").matchAll(pattern)) note(found[2], relative(root, path));
  }
  return used;
}

function symbol(name) {
  // "star-filled" is star in the filled set.
  const filled = name.endsWith("-filled");
  const file = join(
    modules, "@tabler/icons/icons", filled ? "filled" : "outline",
    (filled ? name.slice(0, -"-filled".length) : name) + ".svg",
  );
  if (!existsSync(file)) return null;
  const inner = readFileSync(file, "utf8")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  // Presentation attributes, not style: the policy of the pages forbids inline style.
  const paint = filled
    ? 'fill="currentColor" stroke="none"'
    : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24"><g ${paint}>${inner}</g></symbol>`;
}

function sprite() {
  const used = iconNames();
  const unknown = [];
  const symbols = [];
  for (const name of [...used.keys()].sort()) {
    const drawn = symbol(name);
    if (drawn) symbols.push(drawn);
    else unknown.push(`  ${name} (named in ${used.get(name)})`);
  }
  if (unknown.length) {
    console.error("Unknown icons; see node_modules/@tabler/icons/icons for the names:\n" + unknown.join("\n"));
    process.exit(1);
  }
  put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
  return symbols.length;
}

// --- Tabler: drop the rules whose classes no page can ever show ---------------
// Tabler's sheet is written for every component; a rule is kept unless all of
// its selectors need a class that appears nowhere in our templates, Python or
// scripts. Words are compared, so a class put together at run time
// ("bg-" + tone) is kept by its beginning.
function words() {
  const seen = new Set();
  const starts = new Set();
  const take = (text) => {
    for (const found of text.matchAll(/[A-Za-z][\w-]*/g)) {
      seen.add(found[0]);
      if (found[0].endsWith("-")) starts.add(found[0]);
    }
  };
  for (const path of walk(join(root, "zhike"))) {
    if (/\.(html|py)$/.test(path) && !path.includes("/tests/")) take(readFileSync(path, "utf8"));
  }
  for (const path of walk(join(root, "frontend"))) {
    if (/\.(js|css)$/.test(path)) take(readFileSync(path, "utf8"));
  }
  return { seen, starts: [...starts].filter((start) => start.length > 2) };
}

function purge(css) {
  const { seen, starts } = words();
  // Classes that Bootstrap's scripts set by themselves.
  const always = /^(show|showing|hiding|fade|collaps|modal|offcanvas|dropdown|tooltip|popover|toast|htmx|active|disabled|was-validated|is-|sortable)/;
  const known = (name) => seen.has(name) || always.test(name) || starts.some((start) => name.startsWith(start));
  const wanted = (selector) =>
    [...selector.replace(/:not\([^()]*\)/g, "").matchAll(/\.((?:\\.|[\w-])+)/g)].every((found) => known(found[1].replace(/\\/g, "")));

  let out = "";
  let at = 0;
  // A small reader of blocks is enough: the input is Tabler's own minified sheet.
  function block() {
    let kept = "";
    while (at < css.length) {
      if (css[at] === "}") { at++; return kept; }
      const start = at;
      let depth = 0;
      let quote = "";
      while (at < css.length) {
        const c = css[at];
        if (quote) { if (c === "\\") at++; else if (c === quote) quote = ""; }
        else if (c === '"' || c === "'") quote = c;
        else if (c === "(") depth++;
        else if (c === ")") depth--;
        else if (depth === 0 && (c === "{" || c === ";" || c === "}")) break;
        at++;
      }
      const head = css.slice(start, at).trim();
      if (css[at] === ";") { at++; kept += head + ";"; continue; }
      if (css[at] !== "{") { kept += head; continue; }
      at++;
      if (head.startsWith("@media") || head.startsWith("@supports")) {
        const inner = block();
        if (inner) kept += `${head}{${inner}}`;
        continue;
      }
      if (head.startsWith("@")) {
        const from = at;
        let level = 1;
        while (level) { if (css[at] === "{") level++; else if (css[at] === "}") level--; at++; }
        kept += `${head}{${css.slice(from, at - 1)}}`;
        continue;
      }
      const from = at;
      let level = 1;
      let text = "";
      while (level) {
        const c = css[at];
        if (text) { if (c === "\\") at++; else if (c === text) text = ""; }
        else if (c === '"' || c === "'") text = c;
        else if (c === "{") level++;
        else if (c === "}") level--;
        at++;
      }
      const selectors = splitSelectors(head).filter(wanted);
      if (selectors.length) kept += `${selectors.join(",")}{${css.slice(from, at - 1)}}`;
    }
    return kept;
  }
  out = block();
  return out;
}

function splitSelectors(head) {
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < head.length; i++) {
    if (head[i] === "(" || head[i] === "[") depth++;
    else if (head[i] === ")" || head[i] === "]") depth--;
    else if (head[i] === "," && depth === 0) { parts.push(head.slice(start, i).trim()); start = i + 1; }
  }
  parts.push(head.slice(start).trim());
  return parts;
}

const tablerPurge = {
  name: "tabler-purge",
  setup(builder) {
    builder.onLoad({ filter: /@tabler[\\/]core[\\/]dist[\\/]css[\\/].*\.css$/ }, (args) => {
      const css = readFileSync(args.path, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
      return { contents: process.env.ZHIKE_WHOLE_TABLER ? css : purge(css), loader: "css" };
    });
  },
};

// --- bundles -------------------------------------------------------------------
async function bundles() {
  const entries = readdirSync(join(root, "frontend"))
    .filter((name) => /^[a-z][a-z0-9-]*\.(js|css)$/.test(name) && !name.startsWith("_"))
    .map((name) => join(root, "frontend", name));
  if (!entries.length) {
    console.error("frontend/ holds no bundle to build (app.js, app.css)");
    process.exit(1);
  }
  const result = await build({
    entryPoints: entries,
    outdir: staging,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    chunkNames: "chunk-[name]-[hash]",
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome88", "firefox90", "safari15"],
    charset: "utf8",
    legalComments: "none",
    // The Latin slice of the font is all that is shipped; other formats stay out.
    loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "file", ".png": "file" },
    metafile: true,
    logLevel: "warning",
    plugins: [tablerPurge],
    nodePaths: [modules],
  });
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
    // The style sheet's own copy of the font, for the preload link.
    if (/inter-latin-.*\.woff2$/.test(path)) manifest["inter.woff2"] = basename(path);
  }
}

const began = Date.now();
const drawn = sprite();
await bundles();
if (!manifest["inter.woff2"]) {
  put("inter.woff2", readFileSync(join(modules, "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")));
}
writeFileSync(join(staging, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");

// Compressed twins: whitenoise hands them to browsers that ask for them.
const sizes = {};
for (const name of readdirSync(staging)) {
  const path = join(staging, name);
  const content = readFileSync(path);
  sizes[name] = content.length;
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(path + ".br", brotli);
  writeFileSync(path + ".gz", gzipSync(content, { level: 9 }));
  sizes[name] = gzipSync(content, { level: 9 }).length;
}

// One rename at the end: a reader never sees half a build.
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, ".."), { recursive: true });
renameSync(staging, target);

const first = ["app.js", "app.css", "icons.svg", "inter.woff2"].filter((name) => manifest[name]);
const total = first.reduce((sum, name) => sum + sizes[manifest[name]], 0);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;
console.log(
  `${drawn} icons; first page ${kb(total)} compressed (` +
    first.map((name) => `${name} ${kb(sizes[manifest[name]])}`).join(", ") +
    `) in ${((Date.now() - began) / 1000).toFixed(1)} s`,
);
if (total > FIRST_PAGE_BUDGET) {
  console.error(`The first page is over its budget of ${kb(FIRST_PAGE_BUDGET)}.`);
  process.exit(1);
}
