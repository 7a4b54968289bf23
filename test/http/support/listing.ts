import request from 'supertest';
import type { UseCases } from '../../../src/use-cases/index.ts';
import { lastCommand, testApp } from './app.ts';

export const users = '/api/site/1/user';
/** Lists with this query, and tells what the use case heard. */
export const list = async (query: string, token = 'moderator-token', own: Partial<UseCases> = {}) => {
  const { app, heard } = testApp(own);
  const answer = await request(app).get(`${users}?${query}`).set('X-Authorization', token);
  return {
    status: answer.status,
    body: answer.body,
    command: lastCommand(heard),
    pointer: answer.body.errors?.[0]?.pointer as unknown,
  };
};
export const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value));
