const OUTCOMES = [
  ["create", "created"], ["update", "updated"], ["adopt", "adopted"],
  ["unchanged", "unchanged"], ["manual", "manual"], ["blocked", "blocked"], ["failed", "failed"], ["excluded", "excluded"],
  ["open", "left to do"]];
const VERDICTS = [["equal", "equal"], ["differs", "differs"], ["missing", "missing"], ["not_provable", "not provable"],
  ["not-provable", "not provable"], ["not_applied", "not applied"], ["not-applied", "not applied"]];
const titles = new Map(data.accounting.kinds.concat(data.accounting.not_moved).map((k) => [k.kind, k.title]));
const kindTitle = (kind) => titles.get(kind) || String(kind).replaceAll("_", " ");
const outcomeWord = (name) => (OUTCOMES.find(([n]) => n === name) || [name, name])[1];
const value = (v) => v === null || v === undefined ? "absent" : typeof v === "string" ? v : placeholder(v) || JSON.stringify(v);
function placeholder(v) {
  if (typeof v !== "object" || Array.isArray(v) || Object.keys(v).length !== 1) return "";
  return v.$ref ? "(known after apply)" : v.$secret ? "(secret)" : v.$content ? "(content)" : "";
}

function headline() {
  const o = data.accounting.outcomes, v = data.accounting.verdicts, found = data.accounting.found;
  if (!data.objects.length) return found ? `${number(found)} objects were found. There is no plan yet.` : "Nothing was read yet.";
  const parts = [];
  const placed = (o.create || 0) + (o.update || 0) + (o.adopt || 0) + (o.unchanged || 0);
  if (o.open) parts.push(`${number(o.open)} of ${number(found)} objects are still to be made in the target${placed ? `, ${number(placed)} are there` : ""}`);
  else parts.push(`${number(placed)} of ${number(found)} objects are in the target`);
  if (data.verified) parts[0] += `, ${number(v.equal)} of them proved equal`;
  const wrong = (v.differs || 0) + (v.missing || 0);
  if (wrong) parts.push(`${number(wrong)} ${wrong === 1 ? "differs or is" : "differ or are"} missing`);
  if (o.failed) parts.push(`${number(o.failed)} failed`);
  if (o.blocked) parts.push(`${number(o.blocked)} ${o.blocked === 1 ? "is" : "are"} blocked`);
  if (o.manual) parts.push(`${number(o.manual)} ${o.manual === 1 ? "waits" : "wait"} for a person`);
  if (o.excluded) parts.push(`${number(o.excluded)} left out on purpose`);
  return parts.join(". ") + ".";
}

function sideCard(side, role) {
  const p = side.platform || {};
  return h("div", { class: "side" }, h("span", { class: "soft" }, role), h("b", {}, side.name || "not known"),
    h("span", { class: "soft" }, [p.cloud, p.region, p.tier].filter(Boolean).join(" · ")), " ",
    p.host ? h("div", {}, link(p.host)) : "");
}

function stackedBar(outcomes) {
  const bar = h("div", { class: "bar", role: "img", "aria-label": OUTCOMES.filter(([n]) => outcomes[n]).map(([n, t]) => `${outcomes[n]} ${t}`).join(", ") });
  for (const [name] of OUTCOMES)
    if (outcomes[name]) {
      const part = h("i", { title: `${name}: ${outcomes[name]}` });
      part.style.cssText = `flex: ${outcomes[name]} 0 0; background: ${color(name)}`;
      bar.append(part);
    }
  return bar;
}

function drawSummary() {
  const node = document.getElementById("summary");
  sections.push({ id: "summary", title: "Summary" });
    node.append(
    h("p", { class: "lead" }, headline()),
    data.objects.length ? stackedBar(data.accounting.outcomes) : "",
    h("ul", { class: "legend", "aria-label": "Objects by outcome; choose one to list them" },
      OUTCOMES.filter(([n]) => data.accounting.outcomes[n]).map(([n]) =>
        h("li", {}, h("button", { type: "button", onclick: () => showObjects({ outcome: n }) },
          h("i", { class: "dot", color: n }), h("b", {}, number(data.accounting.outcomes[n])), outcomeWord(n))))),
    h("div", { class: "sides" }, sideCard(data.source, "from"), h("div", { class: "arrow", "aria-hidden": "true" }, "→"), sideCard(data.target, "to")),
    h("ol", { class: "steps", "aria-label": "The journey" }, data.journey.map((s) =>
      h("li", { color: s.state === "open" ? "line" : s.state }, h("b", {}, { done: "✓", partly: "…", attention: "!", open: "○" }[s.state], " ", s.stage), h("span", {}, s.text)))),
    data.next.length ? h("div", { class: "next" }, h("b", {}, "What to do next"),
      h("ol", {}, data.next.map((n) => h("li", {}, n.do, ": ", h("code", {}, n.command))))) : "");
}

function drawAccounting() {
  if (!data.accounting.found && !data.accounting.not_moved.length) return;
  const used = OUTCOMES.filter(([n]) => data.accounting.outcomes[n]);
  const verdicts = VERDICTS.filter(([n]) => data.accounting.verdicts[n]);
  const cell = (n, more) => h("td", { class: (n ? "num" : "num zero") + (more || "") }, n ? number(n) : "·");
  const row = (kind) => h("tr", {}, h("th", { scope: "row" }, kind.title, kind.unavailable ? h("div", { class: "wrong" }, kind.unavailable) : ""), cell(kind.found),
    used.map(([n]) => cell(kind.outcomes[n])), h("td", {}, data.objects.length ? (kind.adds_up ? h("span", { class: "ok" }, "✓") : h("span", { class: "wrong" }, "does not add up")) : ""),
    verdicts.map(([n], i) => cell(kind.verdicts[n], i ? "" : " split")));
  const kinds = data.accounting.kinds.filter((k) => k.found || !k.adds_up || k.unavailable);
  const node = section("accounting", "Accounting", "Every object that was found is in exactly one column. Nothing is passed over in silence.", undefined,
    h("div", { class: "scroll" }, h("table", { class: "dense" },
      h("caption", {}, data.objects.length ? (data.accounting.adds_up ? "Found = the sum of the columns, for every kind." : "The numbers do not add up: something was lost between two stages.") : "Found on the source; there is no plan yet."),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "kind"), h("th", { scope: "col", class: "num" }, "found"),
        used.map(([n, t]) => h("th", { scope: "col", class: "num" }, h("i", { class: "dot", color: n, style: `--c: ${color(n)}; display: inline-block` }), " ", t)),
        h("th", { scope: "col" }, data.objects.length ? "adds up" : ""), verdicts.map(([, t], i) => h("th", { scope: "col", class: i ? "num" : "num split" }, t)))),
      h("tbody", {}, kinds.map(row)), h("tfoot", {}, row({ title: "all", ...data.accounting })))));
  const counted = data.accounting.not_moved.filter((k) => k.found), absent = data.accounting.not_moved.filter((k) => k.unavailable && !k.found);
  if (counted.length) node.append(h("h3", {}, "Counted, not moved by this version"), h("p", { class: "sub" }, counted.map((k) => `${number(k.found)} ${k.title}`).join(", ")));
  if (absent.length) node.append(h("h3", {}, "Not offered by the source"), h("p", { class: "sub" }, absent.map((k, i) => [i ? ", " : "", h("span", { title: k.unavailable }, k.title)])));
}

function draw() {
  drawSummary();
  drawAccounting();
  drawFindings();
  drawManual();
  drawObjects();
  drawDecisions();
  drawDifferences();
  drawPatches();
  drawTrials();
  drawTimeline();
  drawEvidence();
  drawNav();
  setUpTools();
  document.getElementById("footer").textContent = `lakeshift ${data.lakeshift} · written ${data.generated} · “/” searches the objects`;
}
draw();
