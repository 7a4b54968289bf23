import { createMetrics } from '../../src/platform/metrics.ts';

const lineOf = (text: string, start: string) => text.split('\n').find((line) => line.startsWith(start));

describe('metrics', () => {
  it('count answered requests by route, method and status', async () => {
    const metrics = createMetrics();
    metrics.observe('/api/site/{siteId}/user/{userId}', 'GET', 200, 0.02);
    metrics.observe('/api/site/{siteId}/user/{userId}', 'GET', 200, 0.02);
    metrics.observe('/api/site/{siteId}/user/{userId}', 'GET', 404, 0.001);
    const count =
      'http_request_duration_seconds_count{route="/api/site/{siteId}/user/{userId}",method="GET",status="200"}';
    expect(lineOf(await metrics.text(), count)).toBe(`${count} 2`);
    expect(metrics.contentType).toContain('text/plain');
  });

  it('tell what Node tells of itself', async () => {
    expect(await createMetrics().text()).toContain('nodejs_eventloop_lag_seconds');
  });

  it('ask the outbox once per scrape, anew each time', async () => {
    let waiting = 0;
    const none = { removals: 0, oldestRemovalSeconds: 0 };
    const metrics = createMetrics({
      outbox: () => Promise.resolve({ waiting: (waiting += 1), oldestSeconds: 60, ...none }),
    });
    expect(lineOf(await metrics.text(), 'outbox_waiting')).toBe('outbox_waiting 1');
    const second = await metrics.text();
    expect(lineOf(second, 'outbox_waiting')).toBe('outbox_waiting 2');
    expect(lineOf(second, 'outbox_oldest_seconds')).toBe('outbox_oldest_seconds 60');
  });

  it('still tell the rest when the outbox cannot be asked', async () => {
    const metrics = createMetrics({ outbox: () => Promise.reject(new Error('the database is away')) });
    const text = await metrics.text();
    expect(lineOf(text, 'outbox_waiting')).toBe('outbox_waiting Nan');
    expect(text).toContain('nodejs_heap_size_total_bytes');
  });

  it('count what came of messages, and the calls that anonymize', async () => {
    const metrics = createMetrics();
    metrics.delivered('person.remove', 'done');
    metrics.delivered('person.remove', 'later');
    metrics.did('do-anonymize');
    metrics.did('do-anonymize');
    const text = await metrics.text();
    expect(lineOf(text, 'outbox_deliveries_total{topic="person.remove",outcome="done"}')).toMatch(/ 1$/);
    expect(lineOf(text, 'outbox_deliveries_total{topic="person.remove",outcome="later"}')).toMatch(/ 1$/);
    expect(lineOf(text, 'anonymizations_total{call="do-anonymize"}')).toMatch(/ 2$/);
  });

  it('do not share a registry', () => {
    createMetrics();
    expect(() => createMetrics()).not.toThrow();
  });
});
