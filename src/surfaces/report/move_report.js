
// The report of a live move: where the traffic is, what a switch cost, what was compared, what was not done and why.
const OUTCOME_COLORS = { done: "create", switched: "create", blocked: "blocked", "went-back": "update", "went back": "update", interrupted: "manual" };
const outcomeTag = (outcome) => outcome ? h("span", { class: "tag", color: OUTCOME_COLORS[outcome] || "failed" }, outcome.replaceAll("-", " ")) : tag("manual", "cut short");
const clock = (at) => (at || "").replace("T", " ").replace(/\.\d+Z$/, "");  // UTC, as the footer says
const span = (ms) => ms < 1000 ? `${number(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : ms < 3600000 ? `${Math.floor(ms / 60000)} min ${Math.round(ms % 60000 / 1000)} s`
  : `${Math.floor(ms / 3600000)} h ${Math.floor(ms % 3600000 / 60000)} min`;
const bytes = (n) => !n ? "0 B" : n < 1024 ? `${n} B` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} kB` : n < 2 ** 30 ? `${(n / 2 ** 20).toFixed(1)} MB` : `${(n / 2 ** 30).toFixed(2)} GB`;
const thing = { Redis: "key", objects: "object", images: "image" }[data.kind] || "row";
const head = (...names) => h("thead", {}, h("tr", {}, names.map((n) => h("th", { scope: "col", class: n.startsWith("#") ? "num" : undefined }, n.replace("#", "")))));
const finished = data.switches.filter((s) => s.outcome === "switched");
const wentBack = data.switches.filter((s) => s.outcome !== "switched");
const overBudget = data.switches.filter((s) => s.budget_ms && s.pause_ms > s.budget_ms);

function headline() {
  const parts = [];
  if (finished.length) {
    const longest = Math.max(...finished.map((s) => s.pause_ms));
    parts.push(`${plural(finished.length, "switch", "switches")}; the longest pause without writes was ${span(longest)}`);
  } else parts.push("Nothing was switched yet");
  if (wentBack.length) parts.push(`${plural(wentBack.length, "switch", "switches")} went back by ${wentBack.length === 1 ? "itself" : "themselves"}`);
  if (!data.compared_at) parts.push("Nothing was compared yet");
  else if (data.equal) parts.push(`Every ${thing} that was compared is equal (${number(data.rows)})`);
  else parts.push(`${plural(data.differing || 1, "difference was", "differences were")} found at the last comparison`);
  return `${parts.join(". ")}.`;
}

function drawSummary() {
  sections.push({ id: "summary", title: "Summary" });
  const did = (verb) => data.runs.filter((r) => r.verb === verb && r.outcome === "done").length;
  const steps = [
    ["made", did("create") ? "create" : "line", did("create") ? `${number(data.copied.rows ?? data.copied.keys ?? data.copied.objects)} ${thing}s copied` : "not yet"],
    ["compared", !data.compared_at ? "line" : data.equal ? "create" : "failed", data.compared_at ? clock(data.compared_at) : "not yet"],
    ["cut over", did("cutover") ? "create" : "line", did("cutover") ? plural(did("cutover"), "time", "times") : "not yet"],
    ["rolled back", did("rollback") ? "create" : "line", did("rollback") ? plural(did("rollback"), "time", "times") : "not tried"],
    [data.phase === "cancelled" ? "cancelled" : "completed", data.phase === "completed" || data.phase === "cancelled" ? "create" : "line",
      data.phase === "completed" || data.phase === "cancelled" ? "the end" : "not yet"]];
  const atTarget = data.leg % 2 === 1;
  const card = (role, name, here) => h("div", { class: "side" }, h("span", { class: "soft" }, role), h("b", {}, name || "not known"), here ? h("span", { class: "ok" }, "takes the writes") : h("span", { class: "soft" }, "follows, or stands by"));
  document.getElementById("summary").append(
    data.chain.intact ? "" : h("p", { class: "bad" }, h("b", {}, "The evidence was changed. "), data.chain.text, ". What this page says of the past cannot be relied on."),
    h("p", { class: "lead" }, headline()),
    h("div", { class: "sides" }, card("source", data.source, !atTarget), h("div", { class: "arrow", "aria-hidden": "true" }, atTarget ? "←" : "→"), card("target", data.target, atTarget)),
    h("p", { class: "sub" }, data.traffic),
    h("ol", { class: "steps", "aria-label": "The move" }, steps.map(([name, c, text]) => h("li", { color: c }, h("b", {}, c === "line" ? "○ " : c === "failed" ? "! " : "✓ ", name), h("span", {}, text)))));
}

function drawSwitches() {
  if (!data.switches.length) return;
  const scale = Math.max(...data.switches.map((s) => Math.max(s.pause_ms, s.budget_ms || data.budget_ms)));
  const bar = (s) => {
    const budget = s.budget_ms || data.budget_ms;
    const box = h("div", { class: "pause", role: "img", "aria-label": `${s.pause_ms} ms of ${budget} ms` });
    const fill = h("i", {}), mark = h("b", { title: `budget ${span(budget)}` });
    fill.style.cssText = `width: max(3px, ${100 * s.pause_ms / scale}%); background: ${color(s.pause_ms > budget ? "failed" : s.outcome === "switched" ? "create" : "update")}`;
    mark.style.left = `calc(${100 * budget / scale}% - 2px)`;
    box.append(fill, mark);
    return box;
  };
  section("switches", "Switches", "How long no side took writes, against the budget after which a switch goes back by itself.", data.switches.length,
    overBudget.length ? h("p", { class: "bad" }, `${plural(overBudget.length, "pause was", "pauses were")} longer than the budget${overBudget.every((s) => s.outcome !== "switched") ? ": going back by itself ended it" : ""}.`) : "",
    h("table", {}, head("when", "switch", "outcome", "#pause", "pause and budget"), h("tbody", {}, data.switches.map((s) => h("tr", {},
      h("td", { class: "mono" }, clock(s.at)), h("td", {}, s.verb), h("td", {}, outcomeTag(s.outcome)), h("td", { class: "num" }, `${span(s.pause_ms)} of ${span(s.budget_ms || data.budget_ms)}`),
      h("td", { class: "wide" }, bar(s), s.reason ? h("div", { class: "soft" }, s.reason) : ""))))));
}

function drawTables() {
  if (!data.compared_at) return;
  const body = h("tbody", {});
  const verdict = (t) => t.equal ? h("span", { class: "ok" }, "✓ equal") : h("span", { class: "wrong" }, plural(t.differences || 1, "difference", "differences"));
  const notes = (t) => [t.not_judged ? `${number(t.not_judged)} not at rest` : "", t.taken_over ? `${number(t.taken_over)} proven before` : ""].filter(Boolean).join(", ");
  const rows = [...data.tables].sort((a, b) => a.equal - b.equal || b.rows - a.rows);
  const node = section("tables", data.tables.length ? "Tables" : `${thing[0].toUpperCase()}${thing.slice(1)}s`, `Compared at ${clock(data.compared_at)}: ${data.method || "type, content and time to live of every key"}.`, rows.length || undefined);
  if (!rows.length) node.append(h("p", { class: data.equal ? "ok" : "wrong" }, `${number(data.rows)} ${thing}s: ${data.equal ? "equal" : "not equal"}`));
  else node.append(h("table", {}, head("table", "#rows", "#size", "verdict", ""), body),
    pagedRows(body, rows, (t) => h("tr", {}, h("td", { class: "wide" }, h("b", {}, t.table)), h("td", { class: "num" }, `${number(t.rows)} rows`), h("td", { class: "num" }, t.bytes === undefined ? "" : bytes(t.bytes)),
      h("td", {}, verdict(t)), h("td", { class: "soft" }, notes(t))), 100));
  if (data.differences.length) {
    const list = h("ul", { class: "plain" });
    node.append(h("h3", {}, "Differences"), list, pagedRows(list, data.differences, (d) => h("li", { class: "wide" }, h("code", {}, d)), 50));
  }
}

function drawNotDone() {
  section("not-done", "Not done", "Whatever was left out, refused, put off or cut short, with its reason.", data.not_done.length,
    data.not_done.length ? h("table", {}, head("what", "#how many", "why"), h("tbody", {}, data.not_done.map((n) => h("tr", {}, h("td", {}, n.what), h("td", { class: "num" }, number(n.count)),
      h("td", { class: "wide" }, n.why, n.names.length ? h("details", {}, h("summary", {}, plural(n.names.length, "name", "names")), h("div", {}, n.names.map((x) => h("div", { class: "mono" }, String(x))))) : "")))))
      : h("p", { class: "ok" }, "✓ Nothing was left out."));
}

function drawRuns() {
  if (!data.runs.length) return;
  const node = section("timeline", "Timeline", "Every run and step as the evidence has it; a bar is the time since the step before.", data.runs.length);
  data.runs.forEach((run, i) => {
    const steps = run.steps.map((s, k) => ({ ...s, ms: Math.max(0, Date.parse(s.at) - Date.parse(k ? run.steps[k - 1].at : run.began)) }));
    const longest = Math.max(1, ...steps.map((s) => s.ms || 0));
    const bar = (ms) => { const b = h("i", { class: "took" }); b.style.width = `${Math.max(1, Math.round(100 * ms / longest))}%`; return b; };
    const facts = (f) => Object.keys(f || {}).length ? h("details", { class: "facts" }, h("summary", {}, "facts"), h("pre", {}, JSON.stringify(f, null, 1))) : "";
    const closed = (run.gates || []).filter((g) => !g.open), findings = (run.findings || []).filter((f) => f.severity !== "info");
    node.append(h("details", { class: "run", open: i >= data.runs.length - 3 }, h("summary", {}, h("span", { class: "key" }, run.verb), outcomeTag(run.outcome), h("span", { class: "soft" }, clock(run.began)),
      h("span", { class: "soft" }, span(Math.max(0, Date.parse(run.at) - Date.parse(run.began)))), run.pause_ms ? h("span", { class: "soft" }, `pause ${span(run.pause_ms)}`) : "", run.reason ? h("span", { class: "why" }, run.reason) : ""),
    h("div", {}, closed.map((g) => h("div", {}, h("p", { class: "bad" }, h("b", {}, `gate ${g.name}: `), g.text), g.remedy ? h("p", { class: "remedy" }, g.remedy) : "")),
      findings.map((f) => h("div", {}, h("p", { class: f.severity === "blocking" ? "bad" : "notice" }, h("b", {}, `${f.code} `), f.key ? h("code", {}, f.key) : "", " ", f.cause), f.remedy ? h("p", { class: "remedy" }, f.remedy) : "")),
      (run.gates || []).length ? h("p", { class: "soft" }, `gates open: ${run.gates.filter((g) => g.open).map((g) => g.name).join(", ") || "none"}`) : "",
      h("ol", { class: "acts" }, steps.map((s) => h("li", {}, h("span", { class: "mono soft" }, (s.at || "").slice(11, 23)), h("div", {}, h("b", {}, s.step), h("span", { class: "soft" }, ` ${span(s.ms)}`),
        s.ms ? bar(s.ms) : "", s.text ? h("div", {}, s.text) : "", facts(s.facts))))))));
  });
}

function drawEvidence() {
  section("evidence", "Evidence", "Each line of evidence.jsonl carries the digest of the line before: one that was changed, put in or taken away shows.", undefined,
    data.chain.intact ? h("p", { class: "ok" }, `✓ The chain of ${plural(data.chain.lines, "line", "lines")} is whole.`) : h("p", { class: "bad" }, data.chain.text),
    h("dl", { class: "facts" }, h("dt", {}, "digest of the last line"), h("dd", {}, h("code", {}, data.chain.head || "none"), h("div", { class: "soft" }, "keep it elsewhere, and nobody can write this history anew unseen")),
      h("dt", {}, "for programs"), h("dd", {}, h("code", {}, "junit.xml"), ", ", h("code", {}, `lakeshift move report ${data.move} --json`))));
}

drawSummary();
drawSwitches();
drawTables();
drawNotDone();
drawRuns();
drawEvidence();
drawNav();
setUpTools();
document.getElementById("footer").textContent = `lakeshift ${data.lakeshift} · move ${data.move} · written ${data.generated} · all times are UTC`;
