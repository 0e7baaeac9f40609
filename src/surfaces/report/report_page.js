"use strict";
// What every page of ours is made with. Everything from the data reaches the page as text nodes or attributes of our own
// choice, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const COLORS = { equal: "create", differs: "failed", missing: "failed", "not_provable": "manual", "not-provable": "manual",
  "not_applied": "excluded", "not-applied": "excluded", info: "adopt", warning: "update", blocking: "blocked",
  done: "create", partly: "open", attention: "blocked", passed: "create", skipped: "excluded", pending: "open", refused: "manual" };
const color = (name) => `var(--${COLORS[name] || name})`;
const number = (n) => Number(n || 0).toLocaleString("en-US");
const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;

// h("td", {class: "num"}, "text", node, …); attributes starting with "on" are listeners.
function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "color") node.style.setProperty("--c", color(value));
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child !== undefined && child !== null && child !== "") node.append(child);
  return node;
}
const tag = (name, text) => h("span", { class: "tag", color: name }, text || String(name).replaceAll("_", " "));
// Only web addresses become links: an object's name cannot smuggle in a script.
const link = (url, text) => /^https?:\/\//.test(url || "") ? h("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, text || url) : h("span", {}, text || url || "");
const sections = [];
function section(id, title, about, count, ...children) {
  const node = h("section", { id, "aria-labelledby": `${id}-title` },
    h("header", {}, h("h2", { id: `${id}-title` }, title), about ? h("p", { class: "sub" }, about) : ""), ...children);
  document.getElementById("main").append(node);
  sections.push({ id, title, count });
  return node;
}

// A table that shows `step` rows at first and more on demand; printing shows all.
function pagedRows(container, rows, render, step) {
  let shown = 0;
  const more = h("button", { type: "button", class: "more", onclick: () => grow(step) });
  function grow(by) {
    const next = rows.slice(shown, shown + by).map(render);
    container.append(...next);
    shown += next.length;
    more.textContent = `Show ${number(Math.min(step, rows.length - shown))} more of ${number(rows.length - shown)}`;
    more.hidden = shown >= rows.length;
  }
  grow(step);
  window.addEventListener("beforeprint", () => { if (container.isConnected) grow(rows.length); });
  return more;
}

function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

function drawNav() {
  const nav = document.getElementById("nav");
  for (const s of sections) nav.append(h("a", { href: `#${s.id}` }, s.title, s.count === undefined ? "" : h("span", { class: "n" }, number(s.count))));
  const links = new Map([...nav.children].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) { links.forEach((a) => a.removeAttribute("aria-current")); links.get(e.target.id)?.setAttribute("aria-current", "true"); }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const s of sections) seen.observe(document.getElementById(s.id));
}

function setUpTools() {
  const theme = document.getElementById("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    theme.setAttribute("aria-pressed", String(name === "dark"));
    theme.textContent = name === "dark" ? "Light" : "Dark";
  };
  set(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => set(dark.matches ? "dark" : "light"));
  theme.addEventListener("click", () => set(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.getElementById("print").addEventListener("click", () => window.print());
  let before = "";
  window.addEventListener("beforeprint", () => { before = document.documentElement.dataset.theme; set("light"); });
  window.addEventListener("afterprint", () => set(before || "light"));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName || "");
    const search = document.getElementById("object-search");
    if (event.key === "/" && !typing && search) { event.preventDefault(); search.scrollIntoView({ block: "center" }); search.focus(); }
    if (event.key === "Escape" && document.activeElement === search) { search.value = ""; search.dispatchEvent(new Event("input")); }
  });
}

