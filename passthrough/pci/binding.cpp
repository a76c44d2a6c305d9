#include "passthrough/pci/binding.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

namespace bulkhead::passthrough::pci {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view no_driver = "(null)";  // as the kernel prints an override that is not set

}  // namespace

Result<> write_attribute(const fs::path& file, std::string_view text) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(file, O_WRONLY));
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return fail_errno("the kernel refuses it", file.string());
    return {};
}

fs::path Binding::folder(const std::string& address) const {
    return fs::path("sys/bus/pci/devices") / address;
}

bool Binding::is_there(const std::string& address) const {
    return tree_.has(folder(address));
}

std::string Binding::driver(const std::string& address) const {
    return tree_.link_name(folder(address) / "driver");
}

std::string Binding::wanted_driver(const std::string& address) const {
    auto wanted = tree_.attribute(folder(address) / "driver_override");
    return wanted == no_driver ? std::string() : wanted;
}

Result<> Binding::want(const std::string& address, std::string_view driver) const {
    if (wanted_driver(address) == driver) return {};
    BULKHEAD_TRY(write_(tree_.root() / folder(address) / "driver_override", std::string(driver) + "\n"));
    if (wanted_driver(address) == driver) return {};
    return fail(Code::io, "the kernel does not take " + std::string(driver) + " as its driver", address);
}

Result<> Binding::unbind(const std::string& address, const std::string& driver) const {
    BULKHEAD_TRY(write_(tree_.root() / "sys/bus/pci/drivers" / driver / "unbind", address));
    if (this->driver(address).empty()) return {};
    return fail(Code::io, "driver " + driver + " does not let it go", address);
}

Result<> Binding::probe(const std::string& address) const {
    return write_(tree_.root() / "sys/bus/pci/drivers_probe", address);
}

Result<> Binding::give_to_vfio(const std::string& address) const {
    // First the wish, so that nobody else takes it in between.
    BULKHEAD_TRY(want(address, vfio));
    const auto has = driver(address);
    if (has == vfio) return {};
    if (!has.empty()) BULKHEAD_TRY(unbind(address, has));
    BULKHEAD_TRY(probe(address));
    if (driver(address) == vfio) return {};
    return fail(Code::unavailable, "driver vfio-pci does not take it", address, "the driver, and an IOMMU",
                "modprobe vfio-pci; the kernel's log says more: dmesg");
}

Result<> Binding::give_back(const std::string& address, const std::string& driver) const {
    BULKHEAD_TRY(want(address, ""));
    if (this->driver(address) == vfio) BULKHEAD_TRY(unbind(address, std::string(vfio)));
    if (driver.empty() || !this->driver(address).empty()) return {};
    // No driver that takes it is no error of ours: it may have been unloaded.
    if (const auto probed = probe(address); !probed || this->driver(address) != driver)
        log::warning("a PCI function is free, and its former driver does not take it",
                     {{"function", address}, {"driver", driver}});
    return {};
}

}  // namespace bulkhead::passthrough::pci
