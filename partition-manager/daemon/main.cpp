// bulkheadd: the partition manager of one gateway.
#include <cstdio>

#include "base/file.hpp"
#include "base/log.hpp"
#include "partition-manager/daemon/confinement.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/manager.hpp"
#include "partition-manager/daemon/options.hpp"
#include "partition-manager/hypervisor/accelerator.hpp"
#include "vnet/left_checksums.hpp"
#include "vnet/router/lacks.hpp"

namespace {

bulkhead::Result<> run(const bulkhead::daemon::Options& options) {
    using namespace bulkhead;
    // 0711: QEMU's user reaches its own sockets and disks by name, and lists nothing.
    BULKHEAD_TRY(make_folder(options.layout.state, 0711));
    BULKHEAD_TRY(make_folder(options.layout.run, 0711));
    // The launcher keeps the rights that the daemon gives up, so it is forked first.
    BULKHEAD_TRY_ASSIGN(auto launcher, daemon::Launcher::fork({{options.serial_owner.string()},
                                                               {options.line_arbiter.string()},
                                                               {options.usb_owner.string()},
                                                               {options.can_owner.string()},
                                                               {options.router.string()},
                                                               {options.guard.string()},
                                                               {options.capture.string()},
                                                               {options.swtpm.string(), true}}));
    // These look at what the daemon itself may not touch later: /dev/kvm, and namespaces of their own.
    daemon::HostFacts host{hypervisor::choose_accelerator(), vnet::router::lacks(),
                           vnet::find_left_checksums()};
    if (options.confined) BULKHEAD_TRY(daemon::confine(options.profiles / "bulkheadd.profile"));
    BULKHEAD_TRY_ASSIGN(const auto manager,
                        daemon::Manager::open(options, std::move(launcher), std::move(host)));
    return manager->run();
}

}  // namespace

int main(int argc, char** argv) {
    const auto parsed = bulkhead::daemon::parse_options(argc, argv);
    if (parsed.exit_code >= 0) return parsed.exit_code;
    bulkhead::log::set_program("bulkheadd");
    if (const auto done = run(parsed.options); !done) {
        bulkhead::log::error(done.error().text(), {{"code", std::string(code_name(done.error().code))}});
        return 1;
    }
    return 0;
}
