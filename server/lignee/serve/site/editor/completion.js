// What the editor completes: prefixes, classes and properties, as the release itself tells them
// (VoID partitions, with labels). One query, asked when the first completion is; its address names
// the release, so a browser keeps the answer.
const TERMS = `PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX void: <http://rdfs.org/ns/void#>
SELECT ?kind ?iri ?name ?uses WHERE {
  {
    ?declaration sh:prefix ?name ; sh:namespace ?namespace .
    BIND("prefix" AS ?kind) BIND(STR(?namespace) AS ?iri)
  } UNION {
    { ?part void:class ?iri ; void:entities ?uses . BIND("class" AS ?kind) }
    UNION
    { ?part void:property ?iri ; void:distinctSubjects ?some ; void:triples ?uses . BIND("property" AS ?kind) }
    OPTIONAL { ?iri rdfs:label ?name . FILTER(LANG(?name) = "LANGUAGE") }
  }
}
ORDER BY DESC(?uses) ?iri`;
const MOST = 60; // terms in a list; who wants another writes one more letter

export function completers({ endpoint, release, language }) {
  let asked = null;
  const terms = () => (asked ??= ask(endpoint, release, language));
  return [prefixCompleter(terms), termCompleter("class", terms), termCompleter("property", terms)];
}

async function ask(endpoint, release, language) {
  const query = TERMS.replace("LANGUAGE", language);
  const answer = await fetch(`${endpoint}?${new URLSearchParams({ query, release, format: "json" })}`);
  if (!answer.ok) return { prefix: [], class: [], property: [], prefixes: {} };
  const { results } = await answer.json();
  const found = { prefix: [], class: [], property: [] };
  const seen = new Set();
  for (const { kind, iri, name } of results.bindings) {
    const key = `${kind.value} ${iri.value} ${kind.value === "prefix" ? name.value : ""}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found[kind.value].push({ iri: iri.value, name: name?.value ?? "" });
  }
  const prefixes = Object.fromEntries(found.prefix.map(({ iri, name }) => [name, iri]));
  return { ...found, prefixes };
}

function prefixCompleter(terms) {
  return {
    name: "prefixes",
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (yasqe) => {
      const { line } = yasqe.getCursor();
      return /^\s*prefix\s+[\w-]*$/i.test(yasqe.getLine(line));
    },
    get: async (yasqe) => {
      const { line, ch } = yasqe.getCursor();
      const begun = yasqe.getLine(line).slice(0, ch).match(/[\w-]*$/)[0];
      const { prefixes } = await terms();
      const fitting = Object.entries(prefixes).filter(([name]) => name.startsWith(begun));
      return fitting.map(([name, iri]) => `${name}: <${iri}>`).sort();
    },
    postprocessHints: (yasqe, hints) => {
      const to = yasqe.getCursor();
      const begun = yasqe.getLine(to.line).slice(0, to.ch).match(/[\w-]*$/)[0];
      return hints.map((hint) => ({ ...hint, from: { line: to.line, ch: to.ch - begun.length }, to }));
    },
  };
}

// Terms by their prefixed name, IRI, or a word of their label; a prefix that the query lacks is
// declared with the term that needs it.
function termCompleter(kind, terms) {
  let found = new Map();
  return {
    name: kind,
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (yasqe) => {
      const token = yasqe.getCompleteToken();
      if (/^[?$"'#]/.test(token.string) || token.type === "comment") return false;
      const begun = /[\w:<]/.test(token.string);
      const before = yasqe.getPreviousNonWsToken(yasqe.getCursor().line, token);
      const ofType = /^(a|rdf:type|rdfs:subClassOf)$/.test(before?.string ?? "");
      if (kind === "class") return ofType;
      return begun && !ofType && token.state.possibleCurrent.includes("a");
    },
    get: async (yasqe, token) => {
      const known = await terms();
      const begun = begunIn(token.string, { ...known.prefixes, ...yasqe.getPrefixesFromQuery() });
      found = new Map();
      for (const term of known[kind]) {
        if (found.size < MOST && fits(term, begun)) found.set(term.iri, { ...term, ...shortest(term.iri, known.prefixes) });
      }
      return [...found.keys()];
    },
    postProcessSuggestion: (yasqe, token, iri) => iri,
    postprocessHints: (yasqe, hints) =>
      hints.map((hint) => {
        const term = found.get(hint.text);
        return {
          ...hint,
          text: term.short,
          render: (element) => {
            const name = document.createElement("span");
            name.className = "term-name";
            name.textContent = term.name;
            element.append(`${term.short} `, name);
          },
          hint: (cm, data) => {
            cm.replaceRange(term.short, hint.from ?? data.from, hint.to ?? data.to, "complete");
            if (term.prefix && !(term.prefix in yasqe.getPrefixesFromQuery())) {
              yasqe.addPrefixes({ [term.prefix]: term.namespace });
            }
          },
        };
      }),
  };
}

function begunIn(text, prefixes) {
  const written = text.trim().replace(/^</, "").replace(/>$/, "");
  const [prefix, local] = written.split(/:(.*)/s);
  const isPrefixed = !text.includes("<") && local !== undefined && prefix in prefixes;
  return { iri: isPrefixed ? prefixes[prefix] + local : written, word: isPrefixed || text.includes("<") ? "" : written.toLowerCase() };
}

function fits({ iri, name }, begun) {
  if (!begun.iri || iri.startsWith(begun.iri)) return true;
  if (!begun.word) return iri.toLowerCase().startsWith(begun.iri.toLowerCase());
  const local = iri.slice(Math.max(iri.lastIndexOf("/"), iri.lastIndexOf("#")) + 1);
  return [local, ...name.split(/\s+/)].some((word) => word.toLowerCase().startsWith(begun.word));
}

function shortest(iri, prefixes) {
  const fitting = Object.entries(prefixes).filter(
    ([, namespace]) => iri.startsWith(namespace) && /^[A-Za-z_]\w*$/.test(iri.slice(namespace.length)),
  );
  if (!fitting.length) return { short: `<${iri}>` };
  const [prefix, namespace] = fitting.sort(([, a], [, b]) => b.length - a.length)[0];
  return { short: `${prefix}:${iri.slice(namespace.length)}`, prefix, namespace };
}
