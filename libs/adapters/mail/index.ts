export { createMailPort, MAIL_PORTS } from './mail.adapter.ts';
