//! The tests that every backend passes, as the macro `store_suite!`.
//!
//! The tests are named once, in the table below, which makes both the public functions and the macro. A test that
//! is written and not in the table is dead code, which the compiler reports.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "these are tests, compiled into the library for other crates"
)]

mod fixtures;
mod full;

/// `$d` is a dollar sign for the macro inside the macro.
macro_rules! suite {
    ($d:tt $($noun:ident { $($test:ident)+ })+) => {
        $(mod $noun;)+

        /// The tests, each on a fresh store. [`store_suite!`](crate::store_suite) calls them all.
        pub mod tests {
            $(
                pub mod $noun {
                    $(
                        pub fn $test(store: &mut dyn $crate::Store) {
                            $crate::suite::$noun::$test(store);
                        }
                    )+
                }
            )+
        }

        /// Expands to the tests of a backend, a module per noun.
        ///
        /// The argument is called once per test and gives a fresh [`Store`](crate::Store).
        ///
        /// ```
        /// mod memory {
        ///     wk_store::store_suite!(wk_store::MemoryStore::new);
        /// }
        /// ```
        #[macro_export]
        macro_rules! store_suite {
            ($d make:expr) => {
                $(
                    mod $noun {
                        #[allow(unused_imports, reason = "the argument may use what its module imports")]
                        use super::*;
                        $(
                            #[test]
                            fn $test() {
                                $d crate::suite::tests::$noun::$test(&mut ($d make)());
                            }
                        )+
                    }
                )+
            };
        }
    };
}

suite! { $
    account {
        a_fresh_store_belongs_to_nobody
        the_first_account_stays
        another_uid_is_refused
    }
    conversation {
        an_unknown_conversation_is_none
        what_is_put_is_read
        the_last_put_counts
        the_last_message_is_not_written
        the_last_message_is_the_newest_visible_one
        the_last_message_follows_its_row
        the_list_is_newest_first_with_ties_by_channel
        only_unsent_read_positions_are_listed
        a_deleted_conversation_is_listed_when_something_newer_comes
        one_id_with_two_types_is_two_conversations
        numbers_fit_or_are_refused
    }
    coverage {
        an_unknown_channel_has_the_default_log
        a_log_is_replaced_exactly
        logs_of_channels_are_apart
        only_tails_above_zero_are_listed
        a_thousand_ranges_are_kept
        numbers_fit_or_are_refused
    }
    expiry {
        what_has_expired_is_removed_and_given_back
        the_limit_takes_what_expired_first
        the_next_end_of_a_life_is_known
        no_life_is_ever_over_by_overflow
        dropping_undoes_the_sweep
    }
    message {
        an_inserted_message_is_found_by_every_name
        every_field_is_kept
        hostile_texts_are_kept
        large_and_empty_payloads_are_kept
        missing_names_find_nothing
        the_number_of_the_argument_is_ignored
        numbers_of_rows_grow_and_are_never_reused
        the_message_id_clashes_first
        the_client_number_clashes_second
        the_position_clashes_last
        a_clash_writes_nothing
        the_same_client_number_of_others_hides_nothing
        what_is_empty_never_clashes
        an_update_replaces_every_field
        an_update_frees_what_it_replaced
        an_update_that_keeps_its_number_frees_its_id_and_its_place
        an_update_keeps_its_own_names
        an_update_of_no_row_is_refused
        an_update_that_duplicates_is_refused_and_changes_nothing
        a_removed_message_is_gone_and_its_names_are_free
        removing_from_a_seq_keeps_local_messages
        seqs_fit_or_are_refused
    }
    outbox {
        entries_come_in_the_order_of_rows
        the_last_put_counts
        a_removed_entry_is_gone
        entries_and_rows_are_independent
    }
    removal {
        clearing_takes_the_messages_up_to_a_seq_and_the_local_ones_among_them
        clearing_takes_any_seq
        what_hangs_on_cleared_messages_goes_with_them
        what_hangs_on_expired_messages_goes_with_them
        dropping_undoes_a_clear
    }
    scan {
        an_unknown_channel_is_empty
        both_directions_read_from_their_end
        both_bounds_are_included
        the_limit_counts_rows_read
        a_range_that_is_upside_down_is_empty
        hidden_messages_are_left_out_on_demand
        bounds_tell_local_messages_apart
        thousands_of_local_messages_stand_between_two_server_messages
        channels_do_not_mix
        any_scan_equals_a_filtered_list
    }
    search {
        two_characters_of_chinese_are_found
        one_character_is_found
        words_are_found_where_they_begin
        long_words_are_found
        signs_are_plain_text
        highlights_are_bytes_of_the_text
        hidden_deleted_and_expired_messages_are_not_found
        filters_narrow_a_search
        empty_text_finds_what_the_filters_leave
        only_words_of_the_content_are_searched
        pages_have_every_hit_once_the_newest_first
        one_channel_is_searched_in_its_own_order
        counts_are_per_channel
    }
    search_change {
        what_is_changed_is_found_as_it_is_now
        what_is_removed_is_not_found
        dropping_undoes_what_is_found
        edited_messages_are_found_by_what_they_say_now
        what_was_taken_back_is_not_found
        indexing_ends
    }
    search_name {
        channels_are_found_by_every_name
        members_are_found_in_one_channel_or_all
        names_that_change_are_found_as_they_are
        hostile_names_are_plain_text
    }
    transaction {
        a_transaction_sees_its_own_writes
        an_empty_transaction_does_nothing
        dropping_undoes_messages
        dropping_undoes_updates
        dropping_undoes_removals
        dropping_undoes_logs
        dropping_undoes_conversations
        dropping_undoes_the_outbox
        dropping_undoes_the_account
        what_was_undone_can_be_done_again
        a_panic_undoes
        a_refused_call_spoils_nothing
        a_reader_sees_what_is_committed
        a_reader_sees_no_open_transaction
        each_read_sees_one_state
    }
    channel {
        every_field_is_kept
        older_and_equal_versions_are_ignored_and_said
        without_versions_the_later_word_counts
        what_the_server_says_erases_nothing_local
        a_profile_leaves_the_log_alone
        channels_are_listed_by_filter
        versions_fit_or_are_refused
    }
    command_seen {
        a_command_is_new_once
        any_of_its_names_is_enough
        logs_do_not_mix
        a_command_without_a_name_is_always_new
        old_ones_are_forgotten
    }
    conversation_extra {
        every_field_is_kept
        a_draft_stays_on_top_of_what_the_server_says
        only_what_was_uploaded_is_no_longer_pending
        conversations_and_drafts_do_not_touch_each_other
        numbers_fit_or_are_refused
    }
    conversation_query {
        drafts_and_messages_sort_the_list
        top_stands_first_on_demand
        an_item_has_all_that_is_shown
        muted_channels_are_counted_apart
        totals_do_not_overflow
    }
    cursor {
        each_has_its_own_place
        a_cursor_never_falls
        all_are_cleared_for_another_server
    }
    guards {
        any_order_ends_in_the_same_rows
    }
    member {
        every_field_is_kept
        a_version_replaces_only_older_and_nothing_local
        pages_join_without_a_seam
        a_page_begins_behind_anybody
        those_who_left_do_not_count
    }
    message_extra {
        every_field_is_kept
        a_stale_page_changes_nothing
        versions_have_64_bits
        a_pending_edit_survives_what_the_server_says
        a_source_that_does_not_say_unpins_nothing
        a_scan_attaches_what_happened
    }
    message_query {
        messages_are_found_by_ids
        any_filter_equals_a_filtered_list
        a_gallery_is_read_by_pages
        a_calendar_counts_days_of_its_clock
        counts_and_bounds
    }
    nouns {
        a_transaction_sees_its_own_writes
        dropping_undoes_what_was_new
        dropping_undoes_changes_and_removals
        a_refused_number_leaves_the_transaction_whole
    }
    message_local {
        every_field_is_kept_by_row
        it_goes_with_its_message
    }
    pending_action {
        every_field_is_kept_in_the_order_of_adding
        the_last_word_replaces_the_one_before
        a_number_is_never_used_twice
    }
    pinned_message {
        every_field_is_kept
        they_are_listed_from_the_end_of_the_channel
        an_unpinned_message_stays_unpinned
    }
    reaction {
        every_field_is_kept
        a_user_has_one_reaction_to_a_message
        removing_reactions_moves_no_cursor
    }
    receipt {
        they_are_kept_by_channel_and_seq
        one_channel_is_uploaded_after_the_other
        only_what_was_uploaded_is_removed
    }
    reminder {
        every_field_is_kept
        they_are_listed_by_filter
        what_was_done_here_stays_done
    }
    robot {
        every_field_is_kept
        a_newer_version_replaces_the_menus
    }
    server {
        another_server_is_said
    }
}
