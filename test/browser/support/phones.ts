/**
 * Where things are on the page of simulated phones, by what a person would look for.
 */
import type { Locator, Page } from 'playwright-core';

export const phoneOf = (page: Page, name: string): Locator =>
  page.getByRole('article', { name: `Phone of ${name}` });

export const bubble = (phone: Locator, text: string): Locator =>
  phone.getByRole('log').getByRole('listitem').filter({ hasText: text });

/** Writes a message as the owner of the phone. */
export async function write(phone: Locator, text: string): Promise<void> {
  const field = phone.getByRole('textbox');
  await field.fill(text);
  await field.press('Enter');
}
