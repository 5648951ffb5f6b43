export const provider = 0;
