// A translated folder: what came out of each statement, and why.
const STATUSES = [["translated", "translated"], ["refused", "refused"], ["unparsed", "not read"], ["empty", "empty"]];
Object.assign(COLORS, { translated: "create", refused: "blocked", unparsed: "failed", empty: "excluded", assumed: "update", typed: "create", note: "adopt", error: "blocked", warning: "update" });
const statusWord = (name) => (STATUSES.find(([n]) => n === name) || [name, name])[1];
const counts = data.accounting;
const statements = data.files.flatMap((f) => f.statements.map((s) => ({ ...s, path: f.path })));
const hours = (minutes) => minutes < 90 ? plural(minutes, "minute", "minutes") : `${number(Math.round(minutes / 6) / 10)} hours`;
const share = (part, whole) => whole ? `${(100 * part / whole).toFixed(1)} %` : "nothing";
const handled = counts.translated + counts.refused + counts.unparsed;

function drawSummary() {
  sections.push({ id: "summary", title: "Summary" });
  const bar = h("div", { class: "bar", role: "img", "aria-label": STATUSES.map(([n, t]) => `${counts[n]} ${t}`).join(", ") });
  for (const [name] of STATUSES)
    if (counts[name]) {
      const part = h("i", { title: `${statusWord(name)}: ${counts[name]}` });
      part.style.cssText = `flex: ${counts[name]} 0 0; background: ${color(name)}`;
      bar.append(part);
    }
  const failed = data.files.filter((f) => f.problem).length;
  document.getElementById("summary").append(
    h("p", { class: "lead" }, `${number(counts.translated)} of ${plural(handled, "statement", "statements")} in ${plural(data.files.filter((f) => !f.removed).length, "file", "files")} are translated (${share(counts.translated, handled)}). `,
      counts.assumed ? `${number(counts.assumed)} of them rest on an assumption, because a type is not known. ` : "",
      counts.minutes ? `About ${hours(counts.minutes)} of work by hand are left.` : "Nothing is left to do by hand."),
    bar,
    h("ul", { class: "legend", "aria-label": "Statements by status; choose one to list them" }, STATUSES.filter(([n]) => counts[n]).map(([n, t]) =>
      h("li", {}, h("button", { type: "button", onclick: () => showStatements({ status: n }) }, h("i", { class: "dot", color: n }), h("b", {}, number(counts[n])), t)))),
    h("p", { class: "equation mono" }, `${number(counts.statements)} statements = ${number(counts.translated)} translated + ${number(counts.refused)} refused + ${number(counts.unparsed)} not read + ${number(counts.empty)} empty `,
      counts.statements === counts.translated + counts.refused + counts.unparsed + counts.empty && counts.statements === statements.length ? h("span", { class: "ok" }, "✓") : h("span", { class: "wrong" }, "does not add up")),
    h("dl", { class: "facts" }, h("dt", {}, "from"), h("dd", {}, h("code", {}, data.root)), h("dt", {}, "to"), h("dd", {}, h("code", {}, data.out)),
      h("dt", {}, "effort"), h("dd", {}, `An estimate, not a measurement: ${data.effort.minutes_each} minutes and ${data.effort.minutes_line} a line for a statement that was refused or not read, at most ${data.effort.minutes_most / 60} hours. Assumptions are not counted: give the types (CREATE TABLE in the folder, or --catalog-file) and they go away.`)),
    failed ? h("p", { class: "bad" }, `${plural(failed, "file", "files")} could not be read or written, see Files.`) : "");
}

function drawFindings() {
  const all = statements.flatMap((s) => s.findings.map((f) => ({ ...f, statement: s })));
  if (!all.length) return;
  const rank = { error: 0, warning: 1, note: 2 };
  const groups = [...groupBy(all, (f) => f.code).values()].sort((a, b) => rank[a[0].severity] - rank[b[0].severity] || b.length - a.length);
  const node = section("findings", "Findings", "Each with a stable code, its place, its cause and what to do about it.", all.length);
  for (const group of groups) {
    const list = h("tbody", {}), body = h("div", {}, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["place", "cause", "what to do"].map((t) => h("th", { scope: "col" }, t)))), list)));
    const details = h("details", {}, h("summary", {}, tag(group[0].severity), h("span", { class: "key" }, group[0].code), h("span", { class: "soft" }, `× ${number(group.length)}`), h("span", { class: "why" }, group[0].message)), body);
    details.addEventListener("toggle", () => {
      if (!list.childElementCount)
        body.append(pagedRows(list, group, (f) => h("tr", {}, h("td", { class: "wide mono" }, `${f.statement.path}:${f.line}:${f.column}`), h("td", { class: "wide" }, f.message), h("td", { class: "wide" }, f.remedy)), 50));
    });
    node.append(details);
  }
}

function drawFiles() {
  const body = h("tbody", {});
  const cell = (n) => h("td", { class: n ? "num" : "num zero" }, n ? number(n) : "·");
  const place = new Map(data.order.map((p, i) => [p, i + 1]));
  const node = section("files", "Files", "In the order in which they can run, in order.txt: each after those that create what it uses.", data.files.length,
    h("div", { class: "scroll" }, h("table", { class: "dense" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "file"), h("th", { scope: "col", class: "num" }, "order"), h("th", { scope: "col", class: "num" }, "statements"),
      STATUSES.map(([, t]) => h("th", { scope: "col", class: "num" }, t)), h("th", { scope: "col", class: "num" }, "assumed"), h("th", { scope: "col", class: "num" }, "minutes"))), body)));
  node.append(pagedRows(body, data.files, (f) => h("tr", {}, h("th", { scope: "row" }, f.statements.length ? h("button", { type: "button", class: "plain", onclick: () => showStatements({ search: f.path }) }, f.path) : f.path,
    f.problem ? h("div", { class: "problem wrong" }, `${f.problem.message} (${f.problem.code}); ${f.problem.remedy}`) : "", f.removed ? h("div", { class: "soft" }, "removed: its source is gone") : ""),
    h("td", { class: "num" }, place.has(f.path) ? number(place.get(f.path)) : "·"), cell(f.counts.statements), STATUSES.map(([n]) => cell(f.counts[n])), cell(f.counts.assumed), cell(f.counts.minutes)), 100));
  for (const cycle of data.cycles) node.append(h("p", { class: "notice" }, "These files need each other, so no order of whole files is right: ", cycle.join(", ")));
  if (data.tables_created_differently.length) node.append(h("p", { class: "notice" }, `Created with different columns by several files, so their types are taken as unknown elsewhere: ${data.tables_created_differently.join(", ")}. Translate such folders apart, or name the right columns in a catalog file.`));
  for (const p of data.problems) node.append(h("p", { class: "bad" }, `${p.about}: ${p.message}; ${p.remedy}`));
  if (data.not_read.length) node.append(h("details", {}, h("summary", {}, h("span", { class: "key" }, "Not read"), h("span", { class: "soft" }, `${plural(data.not_read.length, "file or link has", "files and links have")} another extension`)), h("div", { class: "mono wrap" }, data.not_read.join(", "))));
}

// Words that differ are not marked: too much does. Lines keep their own scroll bar on narrow screens.
function side(title, text) {
  return h("div", { class: "half" }, h("h4", {}, title), h("pre", { tabindex: "0" }, text));
}

function statementDetails(s) {
  const nothing = s.status === "empty" ? "(comments only)" : s.status === "translated" ? "(nothing to do in Databricks)" : "(not translated: the file stops here with raise_error)";
  return h("div", {},
    s.findings.map((f) => h("p", { class: f.severity === "error" ? "bad" : "notice" }, tag(f.severity), " ", h("code", {}, f.code), ` line ${f.line}, column ${f.column}: ${f.message}`, f.remedy ? h("span", { class: "do" }, `What to do: ${f.remedy}`) : "")),
    h("div", { class: "halves" }, side("Redshift", s.source), side("Databricks", s.output || nothing)),
    s.rules.length ? h("p", {}, h("span", { class: "soft" }, "rules: "), s.rules.map((r) => [tag(r.basis, r.basis === "typed" ? r.name : `${r.name} (assumed)`), " "])) : "",
    s.assumptions.map((a) => h("p", { class: "soft" }, "assumed: ", a)));
}

function statementRow(s) {
  const first = (s.source.split("\n").find((l) => l.trim() && !l.trim().startsWith("--")) || s.source).trim();
  const row = h("details", {}, h("summary", {}, tag(s.status, statusWord(s.status)), h("span", { class: "soft" }, `${s.path}:${s.line}`), h("span", { class: "key mono" }, first.length > 110 ? `${first.slice(0, 110)}…` : first),
    s.findings.filter((f) => f.severity === "error").map((f) => h("span", { class: "why" }, f.message))));
  row.addEventListener("toggle", () => { if (row.childElementCount === 1) row.append(statementDetails(s)); });
  return row;
}

let showStatements = () => {};
function drawStatements() {
  const list = h("div", {}), amount = h("output", { "aria-live": "polite" });
  const search = h("input", { type: "search", id: "object-search", placeholder: "Search files, text, codes, rules…  ( / )", "aria-label": "Search statements", oninput: refresh });
  const status = h("select", { "aria-label": "Status", onchange: refresh }, h("option", { value: "" }, "all statuses"), STATUSES.filter(([n]) => counts[n]).map(([v, t]) => h("option", { value: v }, t)));
  const texts = new Map();
  const textOf = (s) => {
    if (!texts.has(s)) texts.set(s, [s.path, s.source, s.output, ...s.findings.map((f) => `${f.code} ${f.message}`), ...s.rules.map((r) => r.name), ...s.assumptions].join("\n").toLowerCase());
    return texts.get(s);
  };
  function refresh() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = statements.filter((s) => (!status.value || s.status === status.value) && words.every((w) => textOf(s).includes(w)));
    amount.textContent = `${number(found.length)} of ${number(statements.length)}`;
    const fresh = h("div", { class: "rows" }), more = pagedRows(fresh, found, statementRow, 60);
    list.replaceChildren(fresh, found.length ? more : h("p", { class: "empty" }, "Nothing matches."));
  }
  showStatements = (filter) => {
    search.value = filter.search || ""; status.value = filter.status || "";
    refresh();
    document.getElementById("statements").scrollIntoView();
  };
  section("statements", "Statements", "Every statement once: what it was, what it is now, by which rules.", statements.length, h("div", { class: "filters", role: "search" }, search, status, amount), list);
  refresh();
}

function drawRules() {
  const rules = [...groupBy(statements.flatMap((s) => s.rules), (r) => r.name)].map(([name, uses]) => ({ name, all: uses.length, assumed: uses.filter((r) => r.basis !== "typed").length })).sort((a, b) => b.all - a.all || a.name.localeCompare(b.name));
  if (!rules.length) return;
  section("rules", "Rules", "What was rewritten, in how many statements, and where the types were not known.", rules.length, h("div", { class: "scroll" }, h("table", { class: "dense" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "rule"), h("th", { scope: "col", class: "num" }, "statements"), h("th", { scope: "col", class: "num" }, "assumed"))),
    h("tbody", {}, rules.map((r) => h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", class: "plain mono", onclick: () => showStatements({ search: r.name }) }, r.name)), h("td", { class: "num" }, number(r.all)), h("td", { class: r.assumed ? "num" : "num zero" }, r.assumed ? number(r.assumed) : "·")))))));
}

drawSummary();
drawFiles();
drawFindings();
drawStatements();
drawRules();
drawNav();
setUpTools();
document.getElementById("footer").textContent = `lakeshift ${data.lakeshift} · written ${data.generated} · “/” searches the statements`;
