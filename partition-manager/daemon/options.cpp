#include "partition-manager/daemon/options.hpp"

#include <CLI/CLI.hpp>

namespace bulkhead::daemon {
namespace {

// Beside the daemon in a build tree, else where it was installed.
std::filesystem::path beside(const char* in_build, const char* installed) {
    std::error_code ec;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
    const auto near = std::filesystem::weakly_canonical(self / in_build, ec);
    return std::filesystem::exists(near, ec) ? near : std::filesystem::path(installed);
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
    ParsedOptions parsed;
    Options& options = parsed.options;
    options.serial_owner =
        beside("../../passthrough/serial/bulkhead-serial", BULKHEAD_LIBEXEC "/bulkhead-serial");
    options.line_arbiter = beside("../../passthrough/line/bulkhead-line", BULKHEAD_LIBEXEC "/bulkhead-line");
    options.usb_owner = beside("../../passthrough/usb/bulkhead-usb", BULKHEAD_LIBEXEC "/bulkhead-usb");
    options.can_owner = beside("../../passthrough/can/bulkhead-can", BULKHEAD_LIBEXEC "/bulkhead-can");
    options.router = beside("../../vnet/router/process/bulkhead-router", BULKHEAD_LIBEXEC "/bulkhead-router");
    options.guard = beside("../../vnet/guard/process/bulkhead-guard", BULKHEAD_LIBEXEC "/bulkhead-guard");
    options.capture =
        beside("../../vnet/capture/process/bulkhead-capture", BULKHEAD_LIBEXEC "/bulkhead-capture");
    options.policy = "/etc/bulkhead/gateway.yaml";
    if (std::error_code ec; !std::filesystem::exists(options.policy, ec))
        options.policy = beside("../../policies/gateway.yaml", BULKHEAD_DATA "/policies/gateway.yaml");
    options.profiles = beside("../../policies/seccomp", BULKHEAD_DATA "/policies/seccomp");

    // Of the resource manager: the raw device has room for one user.
    constexpr const char* device = "/dev/tpmrm0";
    if (std::error_code ec; std::filesystem::exists(device, ec))
        options.tpm = std::string("device:") + device;

    CLI::App app("The partition manager of one gateway. Runs as root; talk to it with bulkhead(1).");
    app.set_version_flag("--version", std::string("bulkheadd ") + BULKHEAD_VERSION);
    app.option_defaults()->always_capture_default();
    app.add_option("--state", options.layout.state, "What survives a reboot");
    app.add_option("--run", options.layout.run, "Sockets; the control socket is control.sock in it");
    app.add_option("--bpf", options.layout.bpf, "Pinned maps and programs of the switch");
    app.add_option("--images", options.layout.images, "Partition images, one folder each");
    app.add_option("--owner", options.layout.owner, "Marks what is ours in libvirt and on taps");
    app.add_option("--libvirt", options.libvirt, "libvirt's URI");
    app.add_option("--policy", options.policy, "What a spec may ask for");
    app.add_option("--profiles", options.profiles, "Folder of seccomp profiles");
    app.add_option("--serial-owner", options.serial_owner, "Program that owns a serial line");
    app.add_option("--line-arbiter", options.line_arbiter,
                   "Program that gives several partitions their turns at a serial line");
    app.add_option("--usb-owner", options.usb_owner, "Program that owns what is plugged in at a USB port");
    app.add_option("--can-owner", options.can_owner, "Program that owns a port on a CAN bus");
    app.add_option("--router", options.router, "Program that is a tenant's router");
    app.add_option("--guard", options.guard, "Program that is the guard of a tenant's conduits");
    app.add_option("--capture", options.capture, "Program that reads the frames of an interface");
    app.add_option("--swtpm", options.swtpm, "Program that is a partition's TPM");
    app.add_option("--tpm", options.tpm,
                   "The host's TPM, as a TCTI string: device:/dev/tpmrm0, swtpm:path=SOCKET, none");
    bool unconfined = false;
    app.add_flag("--unconfined", unconfined,
                 "Without seccomp filter and with all capabilities: for debuggers only");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        parsed.exit_code = code == 0 ? 0 : 2;
    }
    options.confined = !unconfined;
    if (options.tpm == "none") options.tpm.clear();
    return parsed;
}

}  // namespace bulkhead::daemon
