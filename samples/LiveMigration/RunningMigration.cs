using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>The migration as one process holds it: this is all the code that a program of yours needs.</summary>
internal sealed class RunningMigration : IAsyncDisposable
{
    private readonly SqlStore<string, string> _old;
    private readonly SqlStore<string, string> _new;
    private readonly SqlJournal _journal;
    private readonly MigrationLadder _ladder;

    public RunningMigration(Place place)
    {
        (_old, _new, _journal) = (place.OpenOld(), place.OpenNew(), place.OpenJournal());

        // The worker is killed on purpose: the next one waits this long for the place of the dead one.
        _ladder = new MigrationLadder(_old, _new, new MigrationOptions { LeaseDuration = TimeSpan.FromSeconds(2) }, _journal);
        Rows = new DualWriteRepository<string, string>(_old, _new, _ladder);
        Runner = new MigrationRunner<string, string>(Rows);
    }

    /// <summary>What the application reads and writes, whatever the phase.</summary>
    public DualWriteRepository<string, string> Rows { get; }

    /// <summary>What the operator has.</summary>
    public MigrationRunner<string, string> Runner { get; }

    public async ValueTask DisposeAsync()
    {
        await Rows.DisposeAsync();
        await _ladder.DisposeAsync();
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        await _journal.DisposeAsync();
    }
}
