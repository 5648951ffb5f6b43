// Where tests that run in the lab's namespace find the shop.

export const vip = process.env.LVS_VIP ?? "172.17.111.111";
