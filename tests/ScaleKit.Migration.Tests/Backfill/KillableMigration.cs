using System.Data.Common;

namespace ScaleKit.Migration.Tests;

/// <summary>The same migration on the same files, for the process that is killed and for the one that goes on.</summary>
public sealed class KillableMigration : IAsyncDisposable
{
    private readonly MigrationLadder _ladder;
    private readonly SqlJournal _journal;

    public KillableMigration(Func<string, DbConnection> connect)
    {
        Old = new(() => connect("old"), new() { Table = "old", Value = ValueFormat.Text });
        New = new(() => connect("new"), new() { Table = "new", Value = ValueFormat.Text });
        _journal = new(() => connect("journal"));

        // Seconds for what is copied, or a quick machine is done before the copier can be killed.
        var options = new MigrationOptions { BackfillBatchSize = 20, BackfillRowsPerSecond = 1000, RepairInBackground = false, LeaseDuration = TimeSpan.FromSeconds(1) };
        _ladder = new(Old, New, options, _journal);
        Repository = new(Old, New, _ladder);
    }

    public SqlStore<string, string> Old { get; }

    public SqlStore<string, string> New { get; }

    public DualWriteRepository<string, string> Repository { get; }

    public async ValueTask DisposeAsync()
    {
        await Repository.DisposeAsync();
        await _ladder.DisposeAsync();
        await Old.DisposeAsync();
        await New.DisposeAsync();
        await _journal.DisposeAsync();
    }
}
