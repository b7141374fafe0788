namespace ScaleKit.Migration.Tests;

public sealed class SqlJournalTests : MigrationJournalContract
{
    private readonly TestFiles _files = new();
    private SqlJournal? _journal;

    public override async Task DisposeAsync()
    {
        await _journal!.DisposeAsync();
        _files.Dispose();
    }

    protected override Task<IMigrationJournal> CreateAsync() => Task.FromResult<IMigrationJournal>(_journal = new SqlJournal(() => _files.Connect("journal")()));
}
