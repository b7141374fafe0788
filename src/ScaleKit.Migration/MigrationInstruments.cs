using System.Diagnostics.Metrics;

namespace ScaleKit.Migration;

/// <summary>The instruments of one ladder.</summary>
internal sealed class MigrationInstruments : IDisposable
{
    private static readonly KeyValuePair<string, object?> Read = new(MigrationDiagnostics.OperationTag, "read");
    private static readonly KeyValuePair<string, object?> Write = new(MigrationDiagnostics.OperationTag, "write");
    private static readonly KeyValuePair<string, object?> Scan = new(MigrationDiagnostics.OperationTag, "scan");
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _operations;
    private readonly Counter<long> _mirrorFailures;
    private readonly Counter<long> _differences;
    private readonly Counter<long> _shadow;
    private readonly Histogram<double> _moves;
    private long _dead;
    private long _pending;
    private double _pace = 1;

    public MigrationInstruments(IMeterFactory? factory, Func<int> phase, Func<bool> isMirrorFailing)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(MigrationDiagnostics.MeterName) ?? new Meter(MigrationDiagnostics.MeterName);
        _operations = _meter.CreateCounter<long>(MigrationDiagnostics.Operations, "{operation}", "Reads and writes of the repository");
        _mirrorFailures = _meter.CreateCounter<long>(MigrationDiagnostics.MirrorFailures, "{failure}", "Rows that the mirror did not take in time");
        _differences = _meter.CreateCounter<long>(MigrationDiagnostics.Differences, "{row}", "Confirmed differences between the stores");
        _moves = _meter.CreateHistogram<double>(MigrationDiagnostics.MoveDuration, "s", "How long phase moves took");
        _shadow = _meter.CreateCounter<long>(MigrationDiagnostics.ShadowReads, "{read}", "Reads that were compared with the mirror");
        _meter.CreateObservableGauge(MigrationDiagnostics.DeadLetters, () => Volatile.Read(ref _dead), "{entry}", "Outbox entries that the mirror refuses again and again");
        JournalRestored = _meter.CreateCounter<long>(MigrationDiagnostics.JournalRestored, "{restoration}", "Times that the journal had lost the phase and an instance wrote it anew");
        Repaired = _meter.CreateCounter<long>(MigrationDiagnostics.RepairedRows, "{row}", "Rows that the repair brought to the mirror");
        Backfilled = _meter.CreateCounter<long>(MigrationDiagnostics.BackfillRows, "{row}", "Rows that the backfill looked at");
        Verified = _meter.CreateCounter<long>(MigrationDiagnostics.VerifiedRows, "{row}", "Rows that the verification compared");
        _meter.CreateObservableGauge(MigrationDiagnostics.Phase, phase, "{rung}", "The phase, 0 (A) to 6 (F)");
        _meter.CreateObservableGauge(
            MigrationDiagnostics.MirrorFailing, () => isMirrorFailing() ? 1 : 0, "1", "1 while the mirror does not take too many rows");
        _meter.CreateObservableGauge(
            MigrationDiagnostics.BackfillPace, () => Volatile.Read(ref _pace), "1", "The share of its time that the backfill works");
        _meter.CreateObservableGauge(
            MigrationDiagnostics.OutboxPending, () => Volatile.Read(ref _pending), "{entry}", "Outbox entries that are not paid yet");
    }

    public Counter<long> JournalRestored { get; }

    public Counter<long> Repaired { get; }

    public Counter<long> Backfilled { get; }

    public Counter<long> Verified { get; }

    public void CountRead() => Count(Read);

    public void CountWrite() => Count(Write);

    public void CountScan() => Count(Scan);

    public void CountMirrorFailure(MigrationPhase phase) =>
        _mirrorFailures.Add(1, new KeyValuePair<string, object?>(MigrationDiagnostics.PhaseTag, phase.Letter()));

    public void CountDifference(DifferenceKind kind) =>
        _differences.Add(1, new KeyValuePair<string, object?>(MigrationDiagnostics.DifferenceTag, kind switch
        {
            DifferenceKind.Missing => "missing",
            DifferenceKind.Extra => "extra",
            DifferenceKind.Stale => "stale",
            _ => "different",
        }));

    public void RecordMove(MigrationPhase to, TimeSpan duration) =>
        _moves.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(MigrationDiagnostics.PhaseTag, to.Letter()));

    public void CountShadowRead(string result) => _shadow.Add(1, new KeyValuePair<string, object?>(MigrationDiagnostics.ShadowTag, result));

    public void SetDeadLetters(long entries) => Volatile.Write(ref _dead, entries);

    public void SetPending(long entries) => Volatile.Write(ref _pending, entries);

    public void SetPace(double share) => Volatile.Write(ref _pace, share);

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    private void Count(KeyValuePair<string, object?> tag)
    {
        if (_operations.Enabled)
        {
            _operations.Add(1, tag);
        }
    }
}
