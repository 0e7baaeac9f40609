// The long lists: findings, people's actions, objects, decisions, differences, patches, timeline, evidence.
function drawFindings() {
  if (!data.findings.length) return;
  const rank = { blocking: 0, warning: 1, info: 2 };
  const groups = [...groupBy(data.findings, (f) => f.code).values()].sort((a, b) => rank[a[0].severity] - rank[b[0].severity] || b.length - a.length);
  const node = section("findings", "Findings", "Observations about the estate, each with a stable code, its cause and what to do about it.", data.findings.length);
  for (const group of groups) {
    const list = h("tbody", {});
    const same = group.every((f) => f.cause === group[0].cause), oneRemedy = group.every((f) => f.remedy === group[0].remedy);
    const details = h("details", {}, h("summary", {}, tag(group[0].severity), h("span", { class: "key" }, group[0].code), h("span", { class: "soft" }, `× ${number(group.length)}`),
      h("span", { class: "why" }, group[0].cause, same ? "" : " …")));
    const body = h("div", {}, oneRemedy && group[0].remedy ? h("p", { class: "remedy" }, h("b", {}, "What to do: "), group[0].remedy) : "",
      h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["object", "where", same ? "" : "cause", oneRemedy ? "" : "what to do", "evidence"].filter(Boolean).map((t) => h("th", { scope: "col" }, t)))), list)));
    details.append(body);
    details.addEventListener("toggle", () => {
      if (list.childElementCount) return;
      body.append(pagedRows(list, group, (f) => h("tr", {}, h("td", { class: "wide" }, f.kind ? `${kindTitle(f.kind)}: ${f.key}` : "the estate"), h("td", {}, f.where || ""),
        same ? "" : h("td", { class: "wide" }, f.cause), oneRemedy ? "" : h("td", { class: "wide" }, f.remedy || ""),
        h("td", { class: "wide" }, f.evidence ? h("code", {}, f.evidence) : "")), 50));
    });
    node.append(details);
  }
}

function drawManual() {
  if (!data.manual.length) return;
  const node = section("manual", "Manual actions", "What no API can do, or what a person must decide: who, where, what.", data.manual.length);
  for (const [owner, list] of groupBy(data.manual, (m) => m.owner || "not assigned")) {
    node.append(h("h3", {}, owner, " ", h("span", { class: "soft" }, `(${list.length})`)));
    const body = h("tbody", {});
    node.append(h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["kind", "object", "what to do and why", "place"].map((t) => h("th", { scope: "col" }, t)))), body)),
      pagedRows(body, list, (m) => h("tr", {}, h("td", {}, kindTitle(m.kind)), h("td", { class: "wide" }, m.name || m.key),
        h("td", { class: "wide" }, m.reason, m.code ? [" ", h("code", {}, m.code)] : ""), h("td", { class: "wide" }, link(m.target_url || (data.target.platform || {}).host, "open the target"))), 50));
  }
}

function differenceTable(list, title) {
  return [h("h3", {}, title), h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["field", "before", "after", "reason"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, list.map((d) => h("tr", {}, h("td", { class: "mono" }, d.path), h("td", { class: "wide" }, h("del", {}, value(d.before))), h("td", { class: "wide" }, h("ins", {}, value(d.after))),
      h("td", { class: "wide" }, d.reason || "", d.explanation || "", d.replaces ? " cannot be changed in place" : ""))))))];
}

function objectDetails(o) {
  const fact = (name, text) => text ? [h("dt", {}, name), h("dd", {}, text)] : [];
  return h("div", {},
    h("dl", { class: "facts" }, fact("in the source", [o.source_url ? link(o.source_url, `id ${o.source_id}`) : `id ${o.source_id}`]),
      o.target_id || o.target_url ? fact("in the target", [o.target_url ? link(o.target_url, `id ${o.target_id}`) : `id ${o.target_id}`]) : fact("in the target", ["create", "open"].includes(o.outcome) ? "id known after apply" : ""),
      fact("new name", o.target_key), Object.keys(o).filter((n) => n.startsWith("target_") && !["target_id", "target_url", "target_key"].includes(n)).map((n) => fact(n.slice(7).replaceAll("_", " "), o[n])),
      fact("owner", o.owner), fact("reason", o.reason ? `${o.reason}${o.code ? ` (${o.code})` : ""}` : o.code),
      fact("calls", String(o.calls || 0)), fact("verdict", o.verdict ? [o.verdict.replaceAll("_", " "), o.verdict_reason ? `: ${o.verdict_reason}` : ""].join("") : "")),
    (o.notes || []).map((n) => h("p", { class: "notice" }, n)),
    o.unexpected ? differenceTable(o.unexpected, "Differs, and should not") : "",
    o.differences ? differenceTable(o.differences, "Changes") : "",
    o.decisions ? differenceTable(o.decisions, "Mapping decisions") : "",
    o.expected ? differenceTable(o.expected, "Differs, as expected") : "");
}

function objectRow(o) {
  const row = h("details", {}, h("summary", {}, tag(o.outcome, outcomeWord(o.outcome)), o.verdict && o.verdict !== "not_applied" && o.verdict !== "not-applied" ? tag(o.verdict) : "", h("span", { class: "soft" }, kindTitle(o.kind)), h("span", { class: "key" }, o.name || o.key),
    o.target_key ? h("span", { class: "soft" }, `→ ${o.target_key}`) : "", o.reason && !["create", "adopt", "unchanged"].includes(o.outcome) ? h("span", { class: "why" }, o.reason) : ""));
  row.addEventListener("toggle", () => { if (row.childElementCount === 1) row.append(objectDetails(o)); });
  return row;
}

let applyObjectFilter = () => {};
function showObjects(filter) {
  applyObjectFilter(filter);
  document.getElementById("objects")?.scrollIntoView();
}

function drawObjects() {
  if (!data.objects.length) return;
  const list = h("div", {}), amount = h("output", { "aria-live": "polite" });
  const select = (label, all, options) => h("select", { "aria-label": label, onchange: refresh }, h("option", { value: "" }, all), options.map(([v, t]) => h("option", { value: v }, t)));
  const search = h("input", { type: "search", id: "object-search", placeholder: "Search names, ids, reasons, codes…  ( / )", "aria-label": "Search objects", oninput: refresh });
  const kind = select("Kind", "all kinds", data.accounting.kinds.filter((k) => k.found).map((k) => [k.kind, k.title]));
  const outcome = select("Outcome", "all outcomes", OUTCOMES.filter(([n]) => data.accounting.outcomes[n]).map(([n, t]) => [n, t]));
  const verdict = select("Verdict", "all verdicts", VERDICTS.filter(([n]) => data.accounting.verdicts[n]));
  const text = new Map(data.objects.map((o) => [o, [o.id, o.key, o.name, o.target_key, o.source_id, o.target_id, o.code, o.reason, o.owner, o.kind, kindTitle(o.kind)].join("\n").toLowerCase()]));
  function refresh() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = data.objects.filter((o) => (!kind.value || o.kind === kind.value) && (!outcome.value || o.outcome === outcome.value) && (!verdict.value || o.verdict === verdict.value) && words.every((w) => text.get(o).includes(w)));
    amount.textContent = `${number(found.length)} of ${number(data.objects.length)}`;
    const fresh = h("div", { class: "rows" });
    const more = pagedRows(fresh, found, objectRow, 60);
    list.replaceChildren(fresh, found.length ? more : h("p", { class: "empty" }, "Nothing matches."));
  }
  applyObjectFilter = (filter) => {
    search.value = filter.search || ""; kind.value = filter.kind || ""; outcome.value = filter.outcome || ""; verdict.value = filter.verdict || "";
    refresh();
  };
  section("objects", "What moved where", "Every object with its old and new id, its place, and why it ended as it did.", data.objects.length,
    h("div", { class: "filters", role: "search" }, search, kind, outcome, Object.keys(data.accounting.verdicts).length ? verdict : "", amount), list);
  refresh();
}

function drawDecisions() {
  const all = data.objects.flatMap((o) => (o.decisions || []).map((d) => ({ ...d, object: o })));
  if (!all.length) return;
  const node = section("decisions", "Mapping decisions", "What became what, by which rule. A line in the mapping file overrides each of them.", all.length);
  for (const [rule, list] of groupBy(all, (d) => d.rule || "other")) {
    const rows = [...groupBy(list, (d) => JSON.stringify([d.before, d.after, d.explanation])).values()].sort((a, b) => b.length - a.length);
    const body = h("tbody", {});
    const details = h("details", {}, h("summary", {}, h("span", { class: "key" }, rule), h("span", { class: "soft" }, `${plural(rows.length, "decision", "decisions")}, used ${plural(list.length, "time", "times")}`)));
    const box = h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["from", "to", "why", "used"].map((t) => h("th", { scope: "col", class: t === "used" ? "num" : undefined }, t)))), body));
    details.append(box);
    details.addEventListener("toggle", () => {
      if (!body.childElementCount)
        box.append(pagedRows(body, rows, (g) => h("tr", {}, h("td", { class: "wide" }, h("del", {}, value(g[0].before))), h("td", { class: "wide" }, h("ins", {}, value(g[0].after))), h("td", { class: "wide" }, g[0].explanation),
          h("td", { class: "num", title: g.slice(0, 20).map((d) => `${d.object.kind} ${d.object.key}`).join("\n") }, number(g.length))), 50));
    });
    node.append(details);
  }
}

function drawDifferences() {
  const unexpected = data.objects.filter((o) => (o.unexpected || []).length || o.verdict === "missing");
  const expected = data.objects.flatMap((o) => (o.expected || []).map((d) => ({ ...d, object: o })));
  if (!data.verified) return;
  const node = section("differences", "Differences after the move", "Read again on both sides and compared field by field.", unexpected.length,
    unexpected.length ? h("p", { class: "bad" }, `${plural(unexpected.length, "object is", "objects are")} not what the plan promised.`) : h("p", { class: "ok" }, "✓ No object differs in a way that was not announced."));
  for (const o of unexpected.slice(0, 200)) node.append(objectRow(o));
  if (!expected.length) return;
  const rows = [...groupBy(expected, (d) => `${d.object.kind}\n${d.path.replace(/\[\d+\]/g, "[]")}\n${d.reason}`).values()].sort((a, b) => b.length - a.length);
  const body = h("tbody", {});
  node.append(h("h3", {}, "Expected differences"), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["kind", "field", "why it is right", "objects"].map((t) => h("th", { scope: "col" }, t)))), body)),
    pagedRows(body, rows, (g) => h("tr", {}, h("td", {}, kindTitle(g[0].object.kind)), h("td", { class: "mono" }, g[0].path.replace(/\[\d+\]/g, "[]")), h("td", { class: "wide" }, g[0].reason || ""), h("td", { class: "num" }, number(g.length))), 40));
}

function drawPatches() {
  if (!data.patches.length) return;
  const node = section("patches", "Code patches", "Proposed changes to notebooks and files. Nothing here was applied: review and apply them yourself.", data.patches.length);
  const body = h("div", {});
  node.append(body, pagedRows(body, data.patches, (p) => {
    const row = h("details", {}, h("summary", {}, h("span", { class: "soft" }, kindTitle(p.kind)), h("span", { class: "key" }, p.key)));
    row.addEventListener("toggle", () => {
      if (row.childElementCount === 1)
        row.append(h("div", {}, h("pre", {}, String(p.patch).split("\n").map((line) => h("span", { class: /^@@/.test(line) ? "at" : /^\+/.test(line) ? "add" : /^-/.test(line) ? "cut" : "" }, `${line}\n`)))));
    });
    return row;
  }, 50));
}

function drawTrials() {
  const r = data.rehearsal, a = data.acceptance;
  if (!r && !a) return;
  const node = section("trials", "Rehearsal and acceptance", "The plan tried on a twin of the target, and the target tried for real.");
  if (r) {
    const refusals = r.refusals || [];
    node.append(h("h3", {}, "Rehearsal"), refusals.length ? h("p", { class: "bad" }, `${plural(refusals.length, "call", "calls")} would be refused.`) : h("p", { class: "ok" }, `✓ ${plural(r.calls || 0, "call", "calls")} carried out on the twin, none refused.`));
    for (const x of refusals) node.append(h("details", {}, h("summary", {}, tag("blocked", "refused"), h("span", { class: "soft" }, kindTitle(x.kind)), h("span", { class: "key" }, x.key), h("span", { class: "why" }, x.message)),
      h("div", {}, h("p", {}, `${x.call}: ${x.message} (${x.code})`), x.remedy ? h("p", { class: "remedy" }, x.remedy) : "")));
  }
  if (a) node.append(h("h3", {}, "Acceptance run"), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["step", "outcome", "what was seen", "cleaned up"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, (a.steps || []).map((s) => h("tr", {}, h("td", {}, s.name), h("td", {}, tag(s.outcome)), h("td", { class: "wide" }, s.evidence || "", s.reason ? ` ${s.reason}` : "", s.remedy ? h("div", { class: "soft" }, s.remedy) : ""), h("td", { class: "wide" }, s.clean_up || "")))))));
}

function drawTimeline() {
  const entries = data.timeline;
  if (!entries.length) return;
  const node = section("timeline", "Timeline", "Every remote call that could change something, as the journal has it: intent first, then the outcome.", entries.length);
  for (const [run, list] of groupBy(entries, (e) => e.run)) {
    const times = list.map((e) => Date.parse(e.started)).filter((t) => !Number.isNaN(t));
    const from = Math.min(...times), to = Math.max(...list.map((e) => Date.parse(e.ended || e.started)).filter((t) => !Number.isNaN(t)));
    const failed = list.filter((e) => e.outcome === "failed").length, attempts = list.reduce((n, e) => n + (e.attempts || 0), 0);
    const buckets = Array.from({ length: 60 }, () => ({ n: 0, f: 0 }));
    for (const e of list) {
      const at = Math.min(59, Math.floor(60 * (Date.parse(e.started) - from) / Math.max(1, to - from + 1))) || 0;
      buckets[at].n++;
      if (e.outcome === "failed") buckets[at].f++;
    }
    const most = Math.max(...buckets.map((b) => b.n));
    const bars = buckets.map((b) => { const bar = h("i", { class: b.f ? "f" : "", title: `${b.n} calls` }); bar.style.height = `${Math.round(100 * b.n / most)}%`; return bar; });
    const body = h("tbody", {});
    const box = h("details", {}, h("summary", {}, h("span", { class: "key" }, "every call")));
    const scroll = h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["started", "object", "call", "outcome", "attempts", "what happened"].map((t) => h("th", { scope: "col" }, t)))), body));
    box.append(scroll);
    box.addEventListener("toggle", () => {
      if (!body.childElementCount)
        scroll.append(pagedRows(body, list, (e) => h("tr", {}, h("td", { class: "mono" }, (e.started || "").replace("T", " ").replace(/\.\d+Z$/, "")), h("td", { class: "wide" }, e.change), h("td", {}, e.name), h("td", {}, tag(e.outcome)), h("td", { class: "num" }, String(e.attempts || 0)),
          h("td", { class: "wide" }, e.bound_id ? `id ${e.bound_id}` : "", e.error_message ? `${e.error_message} (${e.error_code})` : "", e.error_remedy ? h("div", { class: "soft" }, e.error_remedy) : "")), 100));
    });
    node.append(h("h3", {}, run), h("p", { class: "sub" }, `${plural(list.length, "call", "calls")}, ${plural(attempts, "attempt", "attempts")}, ${failed ? `${failed} failed` : "none failed"} · ${new Date(from).toISOString().replace("T", " ").slice(0, 19)} to ${new Date(to).toISOString().slice(11, 19)} UTC`),
      h("div", { class: "chart", role: "img", "aria-label": `calls over time, at most ${most} in one of 60 slices` }, bars), box);
  }
}

function drawEvidence() {
  const e = data.evidence;
  const row = (name, text, about) => text === undefined || text === "" ? [] : [h("dt", {}, name), h("dd", {}, h("code", {}, String(text)), about ? h("div", { class: "soft" }, about) : "")];
  const runs = Object.entries(e.journal_attempts || {}).map(([run, n]) => `${run}: ${plural(n, "attempt", "attempts")} (${Object.entries(e.journal_outcomes[run]).map(([o, c]) => `${c} ${o}`).join(", ")})`);
  section("evidence", "Evidence", "What this report rests on. Equal digests mean equal content.", undefined,
    h("dl", { class: "facts" }, row("source inventory", e.source_inventory_digest, "over all objects as they were read last"), row("target inventory", e.target_inventory_digest),
      row("plan", e.plan_digest, "over the saved plan that apply carried out"), row("made from source", e.plan_source_digest, e.plan_source_digest === e.source_inventory_digest ? "the source has not changed since" : "the source was read again since the plan was made"),
      row("made from target", e.plan_target_digest), row("calls planned", e.calls_planned), row("journal", runs.join("; "))),
    data.backfill && data.backfill.length ? [h("h3", {}, "Runs that were missed during the cutover"), h("div", { class: "scroll" }, h("table", {}, h("tbody", {}, data.backfill.map((b) => h("tr", {}, h("td", {}, b.job), h("td", { class: "mono" }, b.due ? String(b.due) : `not known: ${b.why}`))))))] : [],
    data.first_runs && data.first_runs.length ? [h("h3", {}, "First runs in the target"), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["workload", "outcome", "what the platform said"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, data.first_runs.map((r) => h("tr", {}, h("td", {}, r.job), h("td", {}, r.outcome), h("td", { class: "wide" }, [r.result, r.message].filter(Boolean).join(": "), r.url ? h("div", { class: "soft" }, r.url) : ""))))))] : []);
}
