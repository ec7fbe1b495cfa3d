/** Grafana's dark look. */
export const STYLE = `
* { box-sizing: border-box; margin: 0; padding: 0; }
body { background: #111217; color: rgb(204, 204, 220); font: 14px Inter, "DejaVu Sans", sans-serif; position: relative; overflow: hidden; }
header h1 { position: absolute; left: 16px; top: 12px; font-size: 18px; font-weight: 500; color: #fff; }
header .time { position: absolute; right: 16px; top: 14px; font-size: 13px; border: 1px solid rgba(204,204,220,.15); border-radius: 4px; padding: 4px 10px; background: #181b1f; }
header .variables { position: absolute; left: 16px; top: 52px; display: flex; gap: 10px; }
.variable { display: flex; font-size: 12px; border: 1px solid rgba(204,204,220,.15); border-radius: 3px; overflow: hidden; }
.variable b { font-weight: 500; padding: 6px 8px; background: #22252b; }
.variable i { font-style: normal; padding: 6px 10px; background: #111217; color: rgba(204,204,220,.9); }
section { position: absolute; background: #181b1f; border: 1px solid rgba(204,204,220,.12); border-radius: 4px; overflow: hidden; }
section h2 { font-size: 14px; font-weight: 500; padding: 8px 8px 6px; height: 32px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.content { padding: 0 8px; }
svg { display: block; font-family: Inter, "DejaVu Sans", sans-serif; }
.legend { font-size: 12px; line-height: 22px; padding-left: 8px; }
.entry { margin-right: 14px; white-space: nowrap; display: inline-block; }
.entry i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin-right: 6px; vertical-align: 3px; }
.scale { font-size: 11px; padding: 6px 8px; display: flex; align-items: center; gap: 8px; }
.scale span { display: flex; width: 200px; height: 10px; }
.scale i { flex: 1; }
.tiles { display: flex; gap: 4px; height: 100%; }
section .content:has(.tiles) { height: calc(100% - 40px); }
.tile { flex: 1; border-radius: 3px; display: flex; flex-direction: column; align-items: center; justify-content: center; text-align: center; padding: 2px 4px; }
.tile .name { font-size: 14px; opacity: .95; }
.tile .big { font-weight: 500; line-height: 1.15; }
.gauges { padding-top: 4px; }
.gauge { display: flex; align-items: center; gap: 6px; }
.gauge .name { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; flex: none; }
.gauge b { display: block; height: 100%; min-width: 2px; border-radius: 2px; flex: none; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 13px; }
th { text-align: left; color: #6e9fff; font-weight: 500; padding: 8px; border-bottom: 1px solid rgba(204,204,220,.12); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
td { padding: 0 8px; height: 36px; border-bottom: 1px solid rgba(204,204,220,.08); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
td.link { color: #6e9fff; }
.nothing { text-align: center; padding-top: 40px; color: rgba(204,204,220,.6); }
.row { position: absolute; padding: 8px; font-size: 14px; font-weight: 500; }
.row em { font-style: normal; color: rgba(204,204,220,.6); font-weight: 400; }
footer { position: absolute; left: 16px; font-size: 12px; color: rgba(204,204,220,.6); padding-top: 10px; }
`;
