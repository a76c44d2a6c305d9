#include "policies/sandbox.hpp"

#include <linux/capability.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace bulkhead::policies {
namespace {

struct Release {
    void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};

struct FreeNotification {
    void operator()(seccomp_notif* request) const { seccomp_notify_free(request, nullptr); }
};
struct FreeResponse {
    void operator()(seccomp_notif_resp* response) const { seccomp_notify_free(nullptr, response); }
};

Result<int> number_of(const ProfileEntry& entry) {
    const int number = seccomp_syscall_resolve_name(entry.call.c_str());
    if (number == __NR_SCMP_ERROR)
        return fail(Code::unsupported, "libseccomp knows no system call '" + entry.call + "'");
    return number;
}

// libseccomp returns negative errno values.
Result<> checked(int result, const char* what) {
    if (result < 0) return fail_errno(-result, what);
    return {};
}

Result<> add(const Context& context, const ProfileEntry& entry, std::uint32_t violation) {
    BULKHEAD_TRY_ASSIGN(const int number, number_of(entry));
    const std::uint32_t action =
        entry.error == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(static_cast<std::uint32_t>(entry.error));
    // libseccomp takes no rule that says what the filter does anyway.
    if (action == violation) return {};
    scmp_arg_cmp condition{};
    if (entry.only_if)
        condition = {entry.only_if->index, SCMP_CMP_MASKED_EQ, entry.only_if->mask, entry.only_if->value};
    const int result =
        seccomp_rule_add_array(context.get(), action, number, entry.only_if ? 1U : 0U, &condition);
    if (result < 0) return fail_errno(-result, "can't put '" + entry.call + "' into the filter");
    return {};
}

Result<Context> compile(const Profile& profile, std::uint32_t violation) {
    Context context(seccomp_init(violation));
    if (!context) return fail(Code::internal, "can't make a seccomp filter");
    BULKHEAD_TRY(checked(seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                         "can't refuse other architectures"));
    // A binary tree: the calls at the end of the list cost no more than those at its front.
    BULKHEAD_TRY(
        checked(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "can't sort the filter"));
    for (const auto& entry : profile.entries) BULKHEAD_TRY(add(context, entry, violation));
    return context;
}

}  // namespace

Result<> check_names(const Profile& profile) {
    for (const auto& entry : profile.entries) {
        if (const auto number = number_of(entry); !number) return std::unexpected(number.error());
    }
    return {};
}

Result<> enter(const Profile& profile, OnViolation on_violation) {
    const std::uint32_t action = on_violation == OnViolation::refuse ? SCMP_ACT_ERRNO(EPERM)
                                 : on_violation == OnViolation::log  ? SCMP_ACT_LOG
                                                                     : SCMP_ACT_KILL_PROCESS;
    BULKHEAD_TRY_ASSIGN(const Context context, compile(profile, action));
    BULKHEAD_TRY(
        checked(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_TSYNC, 1), "can't confine all threads"));
    return checked(seccomp_load(context.get()), "can't load the seccomp filter");
}

Result<Fd> enter_supervised(const Profile& profile) {
    BULKHEAD_TRY_ASSIGN(const Context context, compile(profile, SCMP_ACT_NOTIFY));
    BULKHEAD_TRY(checked(seccomp_load(context.get()), "can't load the seccomp filter"));
    const int listener = seccomp_notify_fd(context.get());
    if (listener < 0) return fail_errno(-listener, "the kernel gives no seccomp listener");
    return Fd(listener);
}

Result<std::optional<std::string>> refuse_next(int listener) {
    seccomp_notif* request_memory = nullptr;
    seccomp_notif_resp* response_memory = nullptr;
    BULKHEAD_TRY(
        checked(seccomp_notify_alloc(&request_memory, &response_memory), "can't answer a violation"));
    const std::unique_ptr<seccomp_notif, FreeNotification> request(request_memory);
    const std::unique_ptr<seccomp_notif_resp, FreeResponse> response(response_memory);
    // ECANCELED and ENOENT: the caller was killed between poll and here.
    if (seccomp_notify_receive(listener, request.get()) != 0) return std::nullopt;
    response->id = request->id;
    response->error = -EPERM;
    seccomp_notify_respond(listener, response.get());
    const std::unique_ptr<char, FreeText> name(
        seccomp_syscall_resolve_num_arch(request->data.arch, request->data.nr));
    return name ? std::string(name.get()) : "number " + std::to_string(request->data.nr);
}

Result<> shrink_bounding_set(std::span<const int> keep) {
    const auto kept = [keep](int capability) { return std::ranges::find(keep, capability) != keep.end(); };
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
        // Without CAP_SETPCAP the bounding set stays, and no_new_privs makes it void.
        if (!kept(capability) && ::prctl(PR_CAPBSET_DROP, capability) != 0 && errno != EPERM)
            return fail_errno("can't shrink the capability bounding set");
    return {};
}

Result<> drop_capabilities(std::span<const int> keep) {
    BULKHEAD_TRY(shrink_bounding_set(keep));
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return fail_errno("can't clear the ambient capabilities");
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return fail_errno("can't read the capabilities");
    for (std::size_t word = 0; word < sets.size(); ++word) {
        std::uint32_t mask = 0;
        for (const int capability : keep)
            if (static_cast<std::size_t>(capability) / 32 == word) mask |= 1U << (capability % 32);
        sets[word].permitted &= mask;
        sets[word].effective = sets[word].permitted;
        sets[word].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, sets.data()) != 0) return fail_errno("can't drop capabilities");
    return {};
}

Result<> forbid_new_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("can't set no_new_privs");
    return {};
}

}  // namespace bulkhead::policies
