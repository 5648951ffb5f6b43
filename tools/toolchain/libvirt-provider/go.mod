module pulumi-lvs.invalid/tools/toolchain/libvirt-provider

go 1.25.11

require github.com/dmacvicar/terraform-provider-libvirt v0.8.3

replace github.com/community-terraform-providers/terraform-provider-ignition/v2 => github.com/dmacvicar/terraform-provider-ignition/v2 v2.1.3-0.20210701165004-13acf61ca184
