namespace ScaleKit.Migration.Tests;

public sealed class InMemoryJournalTests : MigrationJournalContract
{
    protected override Task<IMigrationJournal> CreateAsync() => Task.FromResult<IMigrationJournal>(new InMemoryJournal());
}
