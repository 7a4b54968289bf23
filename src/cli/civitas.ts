#!/usr/bin/env node
import { runCivitas } from './run.ts';

process.exitCode = await runCivitas(process.argv.slice(2));
