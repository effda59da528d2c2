// The comfort of the query page: an editor in the place of its text field, sortable tables, buttons
// that copy. Without it everything on the page still works. It asks nobody but the page's own
// server.
import { Yasqe } from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import { sortableEventListener } from "sortable-tablesort/dist/esm/sortableEventListener.js";
import { completers } from "./completion.js";

const LONGEST_ADDRESS = 6000; // characters of a query; longer ones are posted

for (const form of document.querySelectorAll("form.ask")) edit(form);
for (const table of document.querySelectorAll("table.results")) makeSortable(table);
for (const button of document.querySelectorAll("button[data-copy]")) makeCopy(button);

function edit(form) {
  const field = form.querySelector("textarea");
  const run = () => form.requestSubmit();
  Yasqe.Autocompleters = { variables: Yasqe.Autocompleters.variables };
  Yasqe.defaults.autocompleters = ["variables"];
  for (const completer of completers(form.dataset)) Yasqe.registerAutocompleter(completer);

  const place = document.createElement("div");
  place.className = "editor";
  field.after(place);
  const editor = new Yasqe(place, {
    value: field.value.trimEnd(),
    inputStyle: "contenteditable", // for screen readers and phones
    screenReaderLabel: form.dataset.label,
    persistenceId: null,
    createShareableLink: undefined,
    consumeShareLink: null,
    prefixCcApi: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    // Its grammar is that of SPARQL 1.1; what the server says of a query is what counts.
    syntaxErrorCheck: false,
    highlightSelectionMatches: false,
    extraKeys: {
      Tab: false, // it leads on, as everywhere; lines are indented as they are written
      "Shift-Tab": false,
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
      "Ctrl-Space": (yasqe) => yasqe.autocomplete(),
      "Ctrl-/": (yasqe) => yasqe.commentLines(),
      Esc: (yasqe) => yasqe.getInputField().blur(),
    },
  });
  const input = editor.getInputField();
  input.setAttribute("role", "textbox");
  input.setAttribute("aria-multiline", "true");
  input.setAttribute("aria-describedby", "editor-keys");
  field.required = false; // it would be asked for where nobody sees it
  field.hidden = true;
  form.querySelector("label[for=query]")?.addEventListener("click", () => editor.focus());
  for (const hint of form.querySelectorAll(".needs-editor")) hint.hidden = false;
  form.addEventListener("submit", () => {
    field.value = editor.getValue();
    form.method = encodeURIComponent(field.value).length > LONGEST_ADDRESS ? "post" : "get";
  });
  showFault(editor, form.dataset);
}

// Mark what the server found wrong, where it found it; lines and columns count from 1.
function showFault(editor, { line, column, fault }) {
  if (!line) return;
  const lineNumber = Math.min(Number(line), editor.lineCount()) - 1;
  const start = Math.min(Math.max(Number(column) - 1, 0), editor.getLine(lineNumber).length);
  const widget = document.createElement("p");
  widget.className = "fault";
  widget.lang = "en";
  widget.textContent = `${" ".repeat(start)}↑ ${fault}`;
  const marks = [
    editor.addLineWidget(lineNumber, widget, { noHScroll: true }),
    editor.markText(
      { line: lineNumber, ch: Math.max(0, Math.min(start, editor.getLine(lineNumber).length - 1)) },
      { line: lineNumber, ch: start + 1 },
      { className: "at-fault" },
    ),
  ];
  editor.addLineClass(lineNumber, "wrap", "line-at-fault");
  editor.setCursor({ line: lineNumber, ch: start });
  editor.focus();
  editor.on("change", () => {
    for (const mark of marks.splice(0)) mark.clear();
    editor.removeLineClass(lineNumber, "wrap", "line-at-fault");
  });
}

function makeSortable(table) {
  table.classList.add("sortable", "asc", "n-last");
  for (const header of table.tHead.rows[0].cells) {
    header.textContent = header.textContent; // what is there asks the server
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    header.append(button);
  }
  table.tHead.addEventListener("click", sortableEventListener);
}

function makeCopy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    const copied = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(copied.href ?? copied.textContent);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = said), 2000);
  });
}
