#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Configure the network of a device, and follow it to another address
version_added: 1.0.0
description:
  - Configures host name, name servers, IPv4, IPv6, VLANs, proxies and wired 802.1X of an Axis device.
  - Uses C(network_settings.cgi) (AXIS OS 8.50 and later). Before that, and for what it has no setter for, the
    parameters of group C(Network) are used. They know neither VLANs, proxies, search domains nor
    certificates.
  - Options that are left out are left alone. V(null) sets the default that is documented for the device,
    where there is one. Only what was set is compared, not what the device has from DHCP at the moment.
  - B(Moving). The address is set last, because a device answers before it changes its address, and takes the
    change back silently if it fails. Then the device is looked for, at its new address and at the old one,
    for O(reconnect_timeout) seconds. Whoever answers is first asked for its serial number, without a login.
    Only if that is the right one, the task logs in there and reads the settings back. RV(address) tells where
    the device is then. The rest of the play needs to know, see the examples.
  - If the device comes back with its old address and settings, the task fails and says so. If it is found
    nowhere, the task fails and tells where it was looked for and what answered there.
  - B(HTTPS). At its new address the device has to show a certificate that is for the address or name it was
    connected by, so that it stays proven. If the certificate is not for the new address there is a warning,
    because later tasks would not trust it. With a pinned O(fingerprint) nothing changes.
  - B(From static to DHCP) nobody can know the new address. The device is looked for where it was, in
    O(reconnect_hosts), and by its host name as far as that can be resolved.
  - B(Refused before anything is sent). A gateway outside of the subnets of the device, an address that cannot
    be that of a host, an address at which something else answers already, one that another host of the same
    run declares (see O(ipv4.addresses)), lists that are longer than the device holds, to turn off the address
    family that the connection uses or the only one, to remove a VLAN in use, 802.1X with a certificate that
    the device does not have or without what its mode needs, and host name or name servers from DHCP without
    DHCP.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - deepdiff
seealso:
  - module: axis.vapix.ntp
  - module: axis.vapix.param
options:
  interface:
    description:
      - Name of the network interface, for example V(eth0).
      - Left out, it is the one the task is connected to, else one that is in use.
    type: str
  reconnect_timeout:
    description:
      - How long to look for the device after a change that can cut the connection. The time that a device
        takes is not documented. A look that is under way is finished.
      - Between 0.1 and 86400 seconds.
    type: float
    default: 90.0
  reconnect_hosts:
    description:
      - Addresses or names where to look for the device, too, after O(ipv4.source=dhcp), for example the
        address that the DHCP server reserves for it.
    type: list
    elements: str
  update_secrets:
    description:
      - When to send secrets that the device never shows and that cannot be compared. V(on_change) sends them
        if none is set yet or if a setting that belongs to them changes. V(always) sends them on every run,
        and the task is always changed.
    type: str
    choices: [on_change, always]
    default: on_change
    aliases: [update_password]
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
  hostname:
    description:
      - The host name.
    type: dict
    suboptions:
      source:
        description:
          - Whether a name that a DHCP server gives is used instead of O(hostname.name).
          - V(null) sets the documented default, V(dhcp).
        type: str
        choices: [dhcp, static]
      name:
        description:
          - The host name, without DHCP or where DHCP gives none.
        type: str
  dns:
    description:
      - Name servers and domains.
    type: dict
    suboptions:
      source:
        description:
          - Whether what a DHCP server gives is used instead of the other options here.
        type: str
        choices: [dhcp, static]
      servers:
        description:
          - Addresses of name servers, in order of preference. The list replaces that on the device.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
      search_domains:
        description:
          - Domains in which names without a domain are looked up, in order. The list replaces that on the
            device.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
      domain:
        description:
          - The domain of the device.
          - V(null) sets the documented default, an empty text.
        type: str
  global_proxy:
    description:
      - Proxies that the device itself uses. O(proxy) is that of the connection to the device.
      - They take effect with the next reboot, so that RV(reboot_required) is set. Whether a device shows them
        before that is not documented. So they are not read back, and the change is told again until the
        device shows them.
    type: dict
    suboptions:
      http:
        description:
          - URL of the proxy for HTTP, for example V(http://proxy.example.net:3128). The empty text is none.
          - A password in it is not compared, because devices obscure it, see O(update_secrets).
          - V(null) sets the documented default, an empty text.
          - A change takes a restart of the device.
        type: str
      https:
        description:
          - URL of the proxy for HTTPS, like O(global_proxy.http).
          - V(null) sets the documented default, an empty text.
          - A change takes a restart of the device.
        type: str
      no_proxy:
        description:
          - Hosts, domains (V(.example.net)) and networks (V(10.0.0.0/8)) that are reached without a proxy.
            The list replaces that on the device.
          - V(null) sets the documented default, an empty list.
          - A change takes a restart of the device.
        type: list
        elements: str
  ipv6:
    description:
      - IPv6. All but O(ipv6.enabled) are parameters of the device.
      - Changes that can take away the address that the task is connected by are refused. A host name counts
        as an address of both families, unless it resolves to one only.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether IPv6 is on.
        type: bool
      accept_ra:
        description:
          - Whether router advertisements are accepted.
          - V(null) sets the documented default, V(true).
        type: bool
      dhcpv6:
        description:
          - What DHCPv6 is used for. V(auto) is what the router advertises, V(stateful) addresses and the
            rest, V(stateless) the rest only.
          - V(null) sets the documented default, V(auto).
        type: str
        choices: [auto, stateful, stateless, 'off']
      addresses:
        description:
          - Static addresses, in any order. Without a prefix length it is 64. The list replaces that on the
            device.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
      gateway:
        description:
          - Address of the default router. The empty text is none.
          - V(null) sets the documented default, an empty text.
        type: str
  vlans:
    description:
      - VLANs on O(interface). Those that are not listed are left alone.
      - Without O(interface), over a connection through a VLAN, they are those on the interface that it is on.
    type: list
    elements: dict
    suboptions:
      id:
        description:
          - The VLAN ID, 1 to 4094.
        type: int
        required: true
      state:
        description:
          - Whether the VLAN exists. One that is in use is not removed.
        type: str
        choices: [present, absent]
        default: present
  dot1x:
    description:
      - Wired 802.1X. A switch port that wants something else cuts the device off, so try it on one device
        first.
      - Before AXIS OS 8.50 there are only O(dot1x.enabled), O(dot1x.identity) and O(dot1x.eapol_version), for
        EAP-TLS.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether 802.1X is on.
          - V(null) sets the documented default, V(false).
        type: bool
      mode:
        description:
          - How the device authenticates.
          - A device keeps the settings of each mode. They are compared and set for the mode that is in force
            afterwards.
        type: str
        choices: [eap_tls, peap_mschapv2, macsec_psk]
      identity:
        description:
          - The EAP identity.
          - V(null) sets the documented default, an empty text.
        type: str
      password:
        description:
          - The EAP password, for V(peap_mschapv2).
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: str
      eapol_version:
        description:
          - The EAPOL version.
        type: str
        choices: ['1', '2', '3']
      peap_version:
        description:
          - The PEAP version, for V(peap_mschapv2).
        type: str
        choices: ['0', '1']
      peap_label:
        description:
          - The PEAP label, for V(peap_mschapv2). V(1) is client EAP encryption, V(2) client PEAP encryption.
        type: str
        choices: ['1', '2']
      client_certificate:
        description:
          - Alias of a certificate on the device, which it shows. V(eap_tls) cannot be enabled without. The
            empty text is none.
          - V(null) sets the documented default, an empty text.
        type: str
      ca_certificates:
        description:
          - Aliases of CA certificates on the device that the authentication server is checked with, in any
            order.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
      cak:
        description:
          - The connectivity association key, 32 or 64 hexadecimal digits, for V(macsec_psk).
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: str
      ckn:
        description:
          - The name of the key, 2 to 64 hexadecimal digits, for V(macsec_psk).
        type: str
  ipv4:
    description:
      - IPv4.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether IPv4 is on. It can only be turned off over a connection by IPv6.
          - V(null) sets the documented default, V(true).
        type: bool
      source:
        description:
          - Whether the address comes from a DHCP server or is static.
          - V(null) sets the documented default, V(dhcp).
        type: str
        choices: [dhcp, static]
      addresses:
        description:
          - Static addresses with prefix length, for example V(192.0.2.5/24), in any order. The list replaces
            that on the device.
          - With O(ipv4.source=dhcp) they are stored, and used where the device falls back to them.
          - With O(ipv4.source=static) an address that another host of the same run declares is refused,
            unless one of the tasks is delegated to another machine than the other, or goes through another
            O(proxy). The first host that declares it is the one that gets it.
        type: list
        elements: str
      gateway:
        description:
          - Address of the default router, in the subnet of an address.
        type: str
      static_fallback:
        description:
          - Whether the static settings are used where DHCP fails.
        type: bool
      link_local:
        description:
          - Whether the device has a link-local address (169.254.0.0/16), always or where it has no other.
        type: str
        choices: ['off', 'on', fallback]
      dhcp_static_routes:
        description:
          - Whether static routes that DHCP gives are used. Its default router is ignored then.
        type: bool
"""

EXAMPLES = r"""
- name: Host name and name servers
  axis.vapix.network:
    hostname:
      source: static
      name: gate
    dns:
      source: static
      servers: [192.0.2.53, 192.0.2.54]
      search_domains: [example.net]

- name: A static address
  axis.vapix.network:
    ipv4:
      source: static
      addresses: [192.0.2.5/24]
      gateway: 192.0.2.1
  register: network

- name: Go on there (a variable vapix_host comes before ansible_host)
  ansible.builtin.set_fact:
    ansible_host: "{{ network.address }}"

- name: Is it at the address of the inventory already?
  axis.vapix.facts:
    gather_subset: [identity]
  register: there
  failed_when: false

- name: If not, bring it there from the address it has as new
  axis.vapix.network:
    host: "{{ omit if there.ansible_facts is defined else first_address }}"
    ipv4:
      source: static
      addresses: ["{{ ansible_host }}/24"]
      gateway: 192.0.2.1

- name: Back to DHCP, where a lease is reserved for the device
  axis.vapix.network:
    ipv4:
      source: dhcp
    reconnect_hosts: [192.0.2.105]

- name: IPv6 with a static address, no router advertisements
  axis.vapix.network:
    ipv6:
      enabled: true
      accept_ra: false
      dhcpv6: "off"
      addresses: ["2001:db8::5/64"]
      gateway: "fe80::1"

- name: 802.1X by certificate
  axis.vapix.network:
    dot1x:
      enabled: true
      mode: eap_tls
      identity: gate.example.net
      client_certificate: fleet
      ca_certificates: [radius]

- name: A proxy
  axis.vapix.network:
    global_proxy:
      http: http://proxy.example.net:3128
      https: http://proxy.example.net:3128
      no_proxy: [localhost, .example.net]
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: network_settings.cgi
changes:
  description: What was changed, or in check mode would be, in the order in which it is made.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option or parameter.
      type: str
    before:
      description: The value before, null where there was none.
      type: raw
    after:
      description: The value after, null where it is removed.
      type: raw
    risk:
      description: One of V(none), V(restarts_service), V(moves_address) and V(reboots).
      type: str
    note:
      description: What a reader needs to know beside the values.
      returned: if there is something
      type: str
reboot_required:
  description: Whether the device restarts, or has to, for the changes to take effect.
  returned: success
  type: bool
unsupported:
  description: What is wanted and the device does not have.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option.
      type: str
    reason:
      description: Why it is left out.
      type: str
address:
  description:
    - Where the device is now, for the option O(host) of later tasks. In check mode, where it would be.
    - V(null) in check mode if only a DHCP server can tell.
  returned: success
  type: str
  sample: 192.0.2.5
interface:
  description: The interface that the settings are of.
  returned: success
  type: str
  sample: eth0
failure:
  description: The facts of a failure, for programs. The text for people is in RV(ignore:msg).
  returned: failure
  type: dict
  contains:
    api:
      description: The API that failed.
      type: str
    method:
      description: Its method, action or HTTP verb.
      type: str
    http_status:
      description: Status of the HTTP answer.
      type: int
    code:
      description: Error code of the API.
      type: int
    message:
      description: What happened.
      type: str
    applied:
      description: Paths of the changes that were made before the failure.
      type: list
      elements: str
    not_applied:
      description: Paths of the changes that were not made.
      type: list
      elements: str
    unknown:
      description: Paths of the changes of which nobody can say whether they were made.
      type: list
      elements: str
"""

from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module
from ansible_collections.axis.vapix.plugins.module_utils.resources.network import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
