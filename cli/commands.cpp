#include "cli/commands.hpp"

namespace bulkhead::cli {

std::vector<Command> all_commands() {
    return {plan_command(),     apply_command(),      diff_command(),     get_command(),
            describe_command(), status_command(),     logs_command(),     attach_command(),
            start_command(),    stop_command(),       restart_command(),  lock_command(),
            unlock_command(),   bundle_command(),     key_command(),      secret_command(),
            measure_command(),  sign_command(),       enroll_command(),   login_command(),
            logout_command(),   context_command(),    doctor_command(),   explain_command(),
            prove_command(),    capture_command(),    test_command(),     teardown_command(),
            version_command(),  completion_command(), complete_command(), man_command()};
}

}  // namespace bulkhead::cli
