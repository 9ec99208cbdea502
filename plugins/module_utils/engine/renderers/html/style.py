"""How the report looks: light and dark, desktop, phone and paper."""

from __future__ import annotations

COLOURS = """
:root{--ground:#f4f5f7;--paper:#fff;--raised:#f9fafb;--ink:#18202b;--soft:#586273;--line:#dde1e7;
--good:#17753f;--bad:#b3202a;--warn:#8f5600;--idle:#667080;--accent:#12567a;
--good-ground:#e7f4ec;--bad-ground:#fcebec;--warn-ground:#fdf3e1;--idle-ground:#eef0f3;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--paper:#181e26;--raised:#1d242d;--ink:#e5eaf1;--soft:#9aa7b8;
--line:#2c3541;--good:#5bc98f;--bad:#ff8a83;--warn:#e8ac4a;--idle:#93a0b0;--accent:#7cc0e4;
--good-ground:#15291f;--bad-ground:#331a1d;--warn-ground:#30260f;--idle-ground:#222932}}
@media print{:root{--ground:#fff;--raised:#fff;
--good-ground:#fff;--bad-ground:#fff;--warn-ground:#fff;--idle-ground:#fff}}
"""

PAGE = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",
"DejaVu Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1240px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:27px;line-height:1.2;margin:0;letter-spacing:-.01em}
section:first-of-type{margin-top:20px}
h2{font-size:18px;margin:40px 0 12px}
p{margin:0}
a{color:var(--accent)}
.soft,.sub{color:var(--soft)}
.sub{font-size:13px}
.mono{font-family:ui-monospace,"DejaVu Sans Mono","Noto Sans Mono",Consolas,monospace;font-size:13px}
.tight{white-space:nowrap}
.hidden{position:absolute}
.letterhead{text-align:center;border-bottom:4px double var(--ink);padding-bottom:14px;margin-bottom:24px}
.letterhead .parent{font-size:15px;letter-spacing:.04em;text-transform:uppercase}
.letterhead .name{font-size:19px;font-weight:700;letter-spacing:.02em;text-transform:uppercase;line-height:1.3}
.top{display:flex;flex-wrap:wrap;gap:16px 40px;justify-content:space-between;align-items:flex-start}
.facts{display:grid;grid-template-columns:auto 1fr;gap:2px 14px;margin:0;font-size:13px}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
.verdict{margin:24px 0 16px;padding:14px 18px;border-radius:10px;border-left:6px solid;font-size:18px;font-weight:600}
.verdict .sub{font-weight:400;margin-top:2px}
.verdict-good{background:var(--good-ground);border-color:var(--good)}
.verdict-bad{background:var(--bad-ground);border-color:var(--bad)}
.verdict-idle{background:var(--idle-ground);border-color:var(--idle)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:12px 16px 14px}
.tile .figure{font-size:34px;font-weight:700;line-height:1.15;letter-spacing:-.02em}
.tile .label{font-weight:600}
.tile-bad .figure{color:var(--bad)}
.tile-good .figure{color:var(--good)}
footer{margin-top:40px;padding-top:14px;border-top:1px solid var(--line);font-size:13px;color:var(--soft)}
"""

ROWS = """
.rows{background:var(--paper);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.line{display:grid;grid-template-columns:136px minmax(180px,1fr) 92px 64px 76px 76px 84px 100px 100px 12px;
gap:4px 14px;padding:11px 16px;align-items:start;font-size:14px}
.title,.why{font-size:15px}
.columns{font-size:12px;color:var(--soft);padding-top:9px;padding-bottom:9px;background:var(--raised);
border-bottom:1px solid var(--line);align-items:end}
.row+.row{border-top:1px solid var(--line)}
summary.line{cursor:pointer;list-style:none}
summary.line::-webkit-details-marker{display:none}
summary.line:hover{background:var(--raised)}
summary.line:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.line .label{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.number{text-align:right}
.fold{width:8px;height:8px;margin-top:7px;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(45deg)}
.row[open] .fold{transform:translateY(4px) rotate(-135deg)}
.title{font-weight:600;line-height:1.35}
.pill{display:inline-flex;gap:7px;align-items:baseline;padding:1px 11px 2px 9px;border-radius:99px;font-weight:600;
font-size:13px;line-height:1.55;white-space:nowrap}
.pill b{font-size:14px}
.is-good{color:var(--good);background:var(--good-ground)}
.is-bad{color:var(--bad);background:var(--bad-ground)}
.is-warn{color:var(--warn);background:var(--warn-ground)}
.is-idle{color:var(--idle);background:var(--idle-ground)}
.row-bad{box-shadow:inset 4px 0 var(--bad)}
.row-warn{box-shadow:inset 4px 0 var(--warn)}
.why{grid-column:2/-1;margin-top:2px;max-width:84ch}
.why b{font-weight:600}
.why .remedy{display:block}
.evidence{display:flex;flex-direction:column;gap:1px}
td .evidence{display:inline-flex;flex-direction:row;gap:8px;align-items:center}
.ladder{display:block}
.ladder-good{color:var(--good)}.ladder-idle{color:var(--idle)}.ladder-bad{color:var(--bad)}
.more{padding:4px 16px 20px 166px;display:grid;gap:18px}
.more h3{font-size:13px;margin:0 0 5px;color:var(--soft);font-weight:600}
.more ul{margin:0;padding-left:18px}
.both{display:grid;grid-template-columns:minmax(0,480px) minmax(0,1fr);gap:14px 40px;align-items:start}
.pictures{display:grid;gap:12px}
svg.runs,svg.sizes{display:block;max-width:100%;height:auto}
.run-good{fill:var(--good)}.run-none{fill:var(--line)}.run-damaged{fill:var(--bad)}
.day-none{fill:var(--line)}.day-succeeded{fill:var(--good);opacity:.55}.day-compared{fill:var(--good)}
.day-failed,.day-damaged{fill:var(--bad)}.day-mark{stroke:var(--paper);stroke-width:1.6;fill:none}
.day-grid{stroke:var(--paper);stroke-width:2;fill:none}
.year{display:block;max-width:100%;height:auto}.places td:nth-child(2){white-space:nowrap}
.find{margin:20px 0 0}.find input{width:100%;max-width:480px;padding:9px 12px;font:inherit;color:inherit;
background:var(--paper);border:1px solid var(--line);border-radius:8px}
details.month{margin-top:10px}details.month>summary{cursor:pointer;font-weight:600;padding:6px 0}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 12px;font-size:13px;color:var(--soft)}
.key svg{vertical-align:-1px;margin-right:5px}
@media print{.find{display:none}}
.run-bad{stroke:var(--bad);stroke-width:2;fill:none}
.size-line{fill:none;stroke:var(--accent);stroke-width:1.75}.size-ground{fill:var(--accent);opacity:.12}
.size-dot{fill:var(--accent)}
.finding-red{color:var(--bad)}.finding-yellow{color:var(--warn)}
.finding-red,.finding-yellow{font-weight:600}
"""

TABLES = """
.scroll{overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:10px}
.more .scroll{border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 14px;border-top:1px solid var(--line)}
thead th{border-top:0;font-size:12px;font-weight:400;color:var(--soft);background:var(--raised)}
td.number,th.number{text-align:right;white-space:nowrap}
.empty{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:12px 16px;color:var(--soft)}
.legend{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:8px 24px}
.legend div{display:grid;grid-template-columns:46px 1fr;align-items:center;gap:2px 8px}
p.rule{margin-top:8px}
ul.notes{margin:10px 0 0;padding:0;list-style:none;display:grid;gap:8px}
ul.notes li{padding:6px 14px;border-left:3px solid var(--accent);background:var(--paper)}
ul.plain{margin:0;padding:12px 16px 12px 34px;background:var(--paper);border:1px solid var(--line);border-radius:10px}
"""

NARROW = """
@media screen and (max-width:1120px){.line{grid-template-columns:136px minmax(160px,1fr) 92px 76px 76px 104px 12px}
.wide,.less{display:none}}
@media screen and (max-width:760px){body{font-size:15px}main{padding:16px 12px 40px}.wide{display:block}
h1{font-size:23px}h2{margin-top:32px}
.letterhead .parent{font-size:12px}.letterhead .name{font-size:15px}
.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:10px 12px 12px}.tile .figure{font-size:28px}
.columns{display:none}
.line{grid-template-columns:1fr 1fr;padding:12px 14px;gap:6px 12px;font-size:15px}
.line .state{grid-column:1/-1;display:flex;justify-content:space-between}
.line .who,.line .why{grid-column:1/-1}
.line .label{position:static;width:auto;height:auto;clip-path:none;display:block;font-size:12px;color:var(--soft)}
.line>*{order:2}.line .state,.line .who{order:0}.line .why{order:1}
.line .less{display:none}.number{text-align:left}.evidence{flex-direction:row;gap:8px;align-items:center}
.line .two br{display:none}.line .two .sub{margin-left:.4em}
.fold{position:absolute;right:18px;top:12px}.row{position:relative}
.more{padding:4px 14px 18px}.both{grid-template-columns:1fr}
.scroll td,.scroll th{padding:7px 10px}
.stack thead{display:none}.stack,.stack tbody,.stack tr,.stack td{display:block;width:100%}
.stack tr{padding:8px 12px}.stack tr+tr{border-top:1px solid var(--line)}
.scroll .stack td{border:0;padding:2px 0;text-align:left;white-space:normal}
.stack td::before{content:attr(data-label) ": ";color:var(--soft)}}
@media print{body,.line,.title,.why{font-size:10.5px}body{line-height:1.4}main{max-width:none;padding:0}
.sub,.mono,.facts,.pill,.columns,table,thead th,.empty,.line .label,footer,.more h3{font-size:9.5px}
h1{font-size:20px}h2{font-size:14px;margin:22px 0 8px;break-after:avoid}.letterhead .parent{font-size:12px}
.letterhead .name{font-size:15px}.verdict{font-size:14px;padding:8px 12px;margin:14px 0 10px;border-radius:0}
.tile{padding:8px 10px}.tile .figure{font-size:24px}.row,.tile,tr{break-inside:avoid}.pill{padding:0;gap:4px}
.fold,.less{display:none}.wide{display:block}th,td{padding:5px 8px}.empty{padding:8px 10px}
.line{grid-template-columns:92px minmax(0,1fr) 74px 54px 58px 66px 78px;gap:2px 10px;padding:6px 10px}
.line .why{max-width:none}.more{padding:2px 10px 10px 112px}.rows,.scroll,.tile{border-radius:4px}}
@page{margin:14mm 12mm}
"""

STYLE = COLOURS + PAGE + ROWS + TABLES + NARROW
"""The whole style sheet."""
