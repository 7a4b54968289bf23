// Asks the registry for known faults of high or critical severity in what production installs. Where it cannot be asked (no
// network, a registry without this service) it says so and lets the check go on: that is no fault of the code.
import { spawnSync } from 'node:child_process';

const { stdout, error } = spawnSync(
  'npm',
  ['audit', '--omit=dev', '--audit-level=high', '--json', '--fetch-retries=0', '--fetch-timeout=20000'],
  {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  },
);

const answered = () => {
  try {
    return JSON.parse(stdout);
  } catch {
    return {};
  }
};
const { metadata, vulnerabilities = {}, message, error: refusal } = answered();

if (metadata?.vulnerabilities === undefined) {
  const reason = error?.code ?? message ?? refusal?.code ?? 'no answer that can be read';
  console.log(`note: dependencies were NOT audited: the registry could not be asked (${reason})`);
} else {
  const bad = Object.values(vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity));
  for (const { name, severity, range, fixAvailable } of bad)
    console.log(`${severity}: ${name} ${range}${fixAvailable ? ' (npm audit fix knows a way)' : ''}`);
  if (bad.length > 0) process.exitCode = 1;
}
