import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** "Each metric that an alert rule of docs/operate.md watches is there, with the labels that the rule uses." */
interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
const yaml = /```yaml\n(groups:.*?)```/s.exec(readFileSync('docs/operate.md', 'utf8'))?.[1] ?? '';
const rules = (parse(yaml) as Rules).groups.flatMap((group) => group.rules);

let world: RecordedWorld;
let shown: string;
beforeAll(async () => {
  world = await startRecordedWorld();
  // What is counted by label is there once it happened: a removal that is tried in vain, then one that is done.
  await world.oauth.proxy.behave('json-500', /delete/);
  await world.call('admin', 'PUT', '/api/site/1/user/111/do-anonymizeall');
  shown = (await world.call(null, 'GET', '/metrics')).text;
});
afterAll(() => world.close());

const seriesOf = (metric: string): readonly string[] =>
  shown.split('\n').filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));

test.each(rules.map(({ alert, expr }) => [alert, expr] as const))('%s', (_alert, expr) => {
  const metrics = expr.match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g) ?? [];
  expect(metrics.length).toBeGreaterThan(0);
  expect(metrics.filter((metric) => seriesOf(metric).length === 0)).toEqual([]);
  const labels = [...expr.matchAll(/\{(\w+)=|by \((\w+)\)/g)].map(([, one, other]) => one ?? other);
  for (const label of labels)
    expect(metrics.flatMap(seriesOf).filter((series) => !series.includes(`${label}="`))).toEqual([]);
});

test('what stands still is told of: a removal that waits, an audit without a seal', () => {
  const valueOf = (metric: string): number => Number(seriesOf(metric)[0]?.split(' ')[1]);
  expect(valueOf('outbox_removals_waiting')).toBe(1);
  expect(valueOf('outbox_removals_oldest_seconds')).toBeGreaterThan(0);
  expect(valueOf('audit_unsealed_oldest_seconds')).toBeGreaterThan(0);
  expect(valueOf('anonymization_runs_stopped')).toBe(0);
});
