export { leaveProcess } from '../unlock/leave.ts';
