/** Screen and A4: one column of 720 px, figures and rows never broken over pages. */
export const REPORT_STYLE = `
:root{color-scheme:light;--text:#161b22;--second:#46505d;--third:#606a77;--line:#dde1e6;--accent:#1d5fc4;--warn:#8f5300;--pass:#19764a;--fail:#bd2c26;--before:#7b8492}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--text);font:13px/19px "Inter Variable","Segoe UI","SF Pro Text",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:784px;margin:0 auto;padding:32px}
h1{font-size:24px;line-height:30px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:16px;line-height:22px;margin:28px 0 8px;padding-top:10px;border-top:1px solid var(--line)}
h3{font-size:13px;line-height:18px;margin:14px 0 4px}
p{margin:0 0 8px;max-width:76ch}
.lead{color:var(--second)}
.mark{display:inline-block;padding:1px 7px;border:1px solid var(--warn);border-radius:4px;color:var(--warn);font-size:12px}
.keys{display:flex;flex-wrap:wrap;gap:8px 32px;margin:14px 0}
.keys div{min-width:92px}.keys b{display:block;font-size:18px;line-height:24px;font-weight:600}.keys span{font-size:11.5px;color:var(--third)}
.verdict{display:flex;gap:10px;align-items:flex-start;font-size:14px;font-weight:600;margin:0 0 8px}
.verdict svg{width:18px;height:18px;flex:none}
.pass{color:var(--pass)}.warn{color:var(--warn)}.fail{color:var(--fail)}.undecided{color:#5a6270}.verdict span{color:var(--text)}
.none{color:var(--third)}
ul{margin:0 0 8px;padding-left:18px}
table{border-collapse:collapse;width:100%;font-size:12px;line-height:17px;margin:6px 0 10px}
th{text-align:left;font-weight:400;color:var(--third);vertical-align:bottom}
td,th{padding:3px 10px 3px 0;border-bottom:1px solid var(--line)}
td:last-child,th:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap}.name,.pairs td{overflow-wrap:anywhere}td.name{min-width:150px}tr.why td{padding-top:0;color:var(--second)}.flagged tr:has(+ .why) td{border-bottom:0;padding-bottom:1px}.word{white-space:nowrap}.hash{font-size:10px;overflow-wrap:anywhere}
.pairs{width:auto;min-width:50%}.pairs th{padding-right:24px}
.out{color:var(--warn);font-weight:600}
figure{margin:8px 0 12px;break-inside:avoid}
figcaption{font-size:11.5px;line-height:16px;color:var(--third);margin-top:2px}
figure svg{display:block;width:100%;height:auto;overflow:visible}
figure svg text{font-size:10.5px;fill:var(--third)}
figure svg .t{fill:var(--text);font-size:11.5px}
.g{stroke:#e8ebef;fill:none}.a{stroke:#838c99;fill:none}.l{stroke:var(--second);stroke-dasharray:5 3;fill:none}
.d{stroke:var(--before);stroke-width:2.2;stroke-linecap:round;opacity:.5;fill:none}
.m{stroke:var(--accent);stroke-width:1.7;stroke-linejoin:round;fill:none}
.o{fill:var(--warn)}.u{fill:none;stroke:var(--second);stroke-width:1.1}
.b{fill:#8fb0e3}.c{stroke:var(--before);stroke-width:1.7;stroke-dasharray:5 3;fill:none}.p{fill:#c3cbd6}.s{fill:var(--accent)}
figure svg circle{fill:var(--accent)}
.pictures+.pictures{margin-top:14px}.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:14px}
.pictures figure{margin:0}.pictures img{display:block;width:100%;height:auto;image-rendering:auto;border:1px solid var(--line)}
.methods{padding:10px 14px;background:#f3f4f6;border-radius:6px}
footer{margin-top:28px;padding-top:8px;border-top:1px solid var(--line);font-size:11.5px;color:var(--third)}
@media screen and (max-width:700px){main{padding:16px}table{display:block;overflow-x:auto}.why div{max-width:calc(100vw - 72px)}}
@page{size:A4;margin:16mm 15mm}
@media print{
body{font-size:10.5pt;line-height:15pt}main{max-width:none;padding:0}
h2,h3{break-after:avoid}tr,.verdict,.keys,.methods{break-inside:avoid}thead{display:table-header-group}tr:has(+ .why){break-after:avoid}
.methods{background:none;border:1px solid var(--line)}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`.replaceAll("\n", "");
