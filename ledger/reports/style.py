"""The style of a report's page: for a screen, and for A4 or Letter."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #16202a;
  background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 1px solid #c9d2da;
  break-after: avoid; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
header { border-top: 5px solid #1f4e6b; padding-top: .9rem; }
.subject { font-size: 1.05rem; font-weight: 600; }
.basis, .note, .event, .none, footer p { color: #4b5a67; font-size: .92em; }
.outcome { display: inline-block; margin: .7rem 0 .2rem; padding: .25rem .7rem; border: 1.5px solid;
  border-radius: 3px; font-weight: 600; }
.complete { color: #14633a; }
.incomplete { color: #8a4b00; }
.disproven { color: #a01722; }
.verdict { font-weight: 600; margin-top: .5rem; }
table { width: 100%; border-collapse: collapse; margin: .3rem 0 1rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0 .3rem; }
th, td { text-align: left; vertical-align: top; padding: .32rem .6rem .32rem 0;
  border-bottom: 1px solid #e3e8ec; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .85em; font-weight: 600; color: #4b5a67; border-bottom: 1px solid #93a1ad;
  overflow-wrap: normal; }
tbody th { font-weight: 400; }
.fields { table-layout: fixed; }
.fields thead th:nth-child(1) { width: 30%; }
.fields thead th:nth-child(3) { width: 22%; }
.fields .value { font-weight: 600; }
.fields .note { display: block; }
.grid { font-size: .92em; }
.grid .event { font-size: .95em; }
.number:not(:last-child) { padding-right: 1.2rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.event span, .when { white-space: nowrap; }
td.hash { overflow-wrap: anywhere; font-size: .85em;
  font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace; }
.missing th, .missing td { background: #fdf3e4; }
.missing th { padding-left: .5rem; border-left: 4px solid #c06a00; }
.tag { color: #8a4b00; text-transform: uppercase; font-size: .82em; letter-spacing: .04em; }
.flow { list-style: none; margin: 0; padding: 0; }
.flow > li { border: 1.5px solid #6c8496; border-radius: 4px; padding: .45rem .8rem; margin: 0 0 1.5rem;
  position: relative; break-inside: avoid; overflow-wrap: anywhere; }
.flow > li:not(:last-child)::after { content: "\\2193"; position: absolute; left: 1.4rem; bottom: -1.5rem;
  font-size: 1.1rem; line-height: 1.5rem; color: #4b5a67; }
.flow > li.alarm { border-color: #a01722; border-width: 2.5px; }
.flow ul { margin: .15rem 0 0; padding: 0 0 0 1.1rem; font-size: .95em; }
.ask li { margin: .3rem 0; overflow-wrap: anywhere; }
footer { margin-top: 2.2rem; border-top: 1px solid #93a1ad; }
footer h2 { border: 0; margin: .8rem 0 .2rem; font-size: .95rem; }
@media screen and (max-width: 44rem) {
  .fields thead { display: none; }
  .fields, .fields tbody, .fields tr, .fields th, .fields td { display: block; }
  .fields tr { padding: .35rem 0; border-bottom: 1px solid #e3e8ec; }
  .fields th, .fields td { border-bottom: 0; padding: 0; }
  .fields th { color: #4b5a67; font-size: .92em; }
  .missing { background: #fdf3e4; }
  .fields .missing { padding-left: .5rem; border-left: 4px solid #c06a00; }
  .fields .missing th { padding-left: 0; border-left: 0; }
  .grid { display: block; overflow-x: auto; }
  .grid td:not(.number) { min-width: 8rem; }
  .grid td:last-child:not(.number) { min-width: 16rem; }
}
@page { margin: 16mm 14mm; }
@media print {
  body { font-size: 9.5pt; margin: 0; padding: 0; max-width: none; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  thead { display: table-header-group; }
  tr, .ask li { break-inside: avoid; }
  tbody tr:first-child { break-before: avoid; }
  h2, caption { break-after: avoid; }
  h2 { margin-top: 1.2rem; }
  footer { break-inside: avoid; }
}
"""
