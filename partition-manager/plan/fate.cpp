#include "partition-manager/plan/fate.hpp"

#include <array>

#include "partition-manager/plan/fingerprint.hpp"

namespace bulkhead::plan {
namespace {

std::string short_digest(const std::string& digest) {
    return digest.empty() ? "none" : digest.substr(0, 12);
}

std::string joined(std::string text, const std::string& more) {
    if (!text.empty() && !more.empty()) text += ", ";
    return text + more;
}

// Of what the host gives.
std::string change(const OfHost& from, const model::Machine& to) {
    std::string text;
    if (from.tpm != to.tpm) text = to.tpm ? "TPM none -> crb" : "TPM crb -> none";
    if (from.offloads != to.offloads)
        text = joined(text, to.offloads ? "offloads none -> offered" : "offloads offered -> none");
    return text;
}

constexpr std::array<OfHost, 4> hosts{{{}, {.tpm = true}, {.offloads = true}, {true, true}}};

// Old -> new, if the former spec is the one that the machine was defined from.
std::string change(const Intent& intent, const model::ObservedMachine& there, const model::Machine& wanted) {
    std::string text;
    if (intent.previous != nullptr && intent.spec != nullptr) {
        const auto* from = intent.previous->find(wanted.name);
        const auto* to = intent.spec->find(wanted.name);
        for (const OfHost& host : hosts) {
            if (from == nullptr || to == nullptr ||
                fingerprint(*intent.previous, *from, there.image_digest, host) != there.fingerprint)
                continue;
            text = joined(differences(*intent.previous, *from, *intent.spec, *to), change(host, wanted));
        }
    }
    if (there.image_digest != wanted.image.digest)
        text += (text.empty() ? "" : ", ") + wanted.image.name.str() + " " +
                short_digest(there.image_digest) + " -> " + short_digest(wanted.image.digest);
    return text.empty() ? "configuration changed" : text;
}

// A tap that went away under a running QEMU doesn't come back to it.
const model::Port* lost_port(const model::Machine& wanted, const model::Observed& observed) {
    for (const auto& port : wanted.ports)
        if (!observed.ports.contains(port.name)) return &port;
    return nullptr;
}

Fate fate_of_new(const Intent& intent, const model::Machine& wanted) {
    Fate fate;
    fate.define = true;
    fate.start = !intent.stopped.contains(wanted.name) && !intent.not_yet.contains(wanted.name);
    fate.reason = "new";
    return fate;
}

Fate fate_of_known(const Intent& intent, const model::Observed& observed, const model::ObservedMachine& there,
                   const model::Machine& wanted) {
    const bool held = intent.stopped.contains(wanted.name);
    const bool waits = intent.not_yet.contains(wanted.name);
    const bool is_on = there.power != model::Power::off;
    Fate fate;
    fate.runs = there.power == model::Power::running;
    fate.undefine = there.uid != wanted.uid;
    fate.define = fate.undefine || there.fingerprint != wanted.fingerprint;
    if (fate.undefine)
        fate.reason = "another machine of this name is there";
    else if (fate.define)
        fate.reason = change(intent, there, wanted);
    else if (held && is_on)
        fate.reason = "stopped by a person";
    else if (intent.restart.contains(wanted.name))
        fate.reason = "restart asked for";
    else if (const auto* lost = lost_port(wanted, observed); lost != nullptr && is_on)
        fate.reason = "its port " + lost->name.str() + " is gone";
    else if (there.power == model::Power::paused && !waits)
        fate.reason = "it is paused: its guest does not run";
    fate.stop = is_on && !fate.reason.empty();
    fate.start = !held && (fate.stop || (!is_on && !waits));
    if (fate.start && fate.reason.empty()) fate.reason = "it does not run";
    return fate;
}

Fate fate_of_unwanted(const model::ObservedMachine& there) {
    Fate fate;
    fate.goes = true;
    fate.runs = there.power == model::Power::running;
    fate.stop = there.power != model::Power::off;
    fate.undefine = true;
    fate.reason = "not in the spec";
    return fate;
}

}  // namespace

Fates fates(const Intent& intent, const model::Observed& observed, const Desired& desired) {
    Fates all;
    for (const auto& [name, wanted] : desired.machines) {
        const auto there = observed.machines.find(name);
        all[name] = there == observed.machines.end() ? fate_of_new(intent, wanted)
                                                     : fate_of_known(intent, observed, there->second, wanted);
    }
    for (const auto& [name, there] : observed.machines)
        if (!desired.machines.contains(name)) all[name] = fate_of_unwanted(there);
    return all;
}

}  // namespace bulkhead::plan
