namespace ScaleKit.Migration;

/// <summary>
/// The settings of one migration, shared by its repository, ladder, repair, backfill and verification. Bound from the configuration section
/// <see cref="SectionName"/>; copied when an object is made, so that a later change has no effect, except of <see cref="Enabled"/> under dependency injection.
/// </summary>
public sealed class MigrationOptions
{
    /// <summary>The configuration section: <c>ScaleKit:Migration</c>.</summary>
    public const string SectionName = "ScaleKit:Migration";

    private static readonly string ThisProcess = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>
    /// The kill switch. Off: phase moves are refused, and repair, backfill and verification pause. Reads and writes go on in the current phase, dual writes
    /// included: leaving out a mirror write would lose data.
    /// </summary>
    /// <value>true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a write of the phases C to E waits for the mirror before it fails with <see cref="MirrorUnavailableException"/>; 1 ms to 10 min.</summary>
    /// <value>5 s.</value>
    public TimeSpan MirrorTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The share of the rows above which a mirror that does not take them is told of: by <see cref="MigrationLadder.MirrorFailing"/>, a warning and <see cref="MigrationDiagnostics.MirrorFailing"/>, until
    /// it is half of that. Judged over ten seconds and a hundred rows at least. 0 to 1; 1 never tells.
    /// </summary>
    /// <value>0.05.</value>
    public double MirrorFailureLimit { get; set; } = 0.05;

    /// <summary>How long a phase move waits for the operations of the phase before, and for the outbox; 1 ms to 1 h.</summary>
    /// <value>30 s.</value>
    public TimeSpan MoveTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an instance of the application keeps its place in the fleet without being heard of; zero or 100 ms to 1 h. Every tenth of it the instance renews its lease in the journal and looks for a new phase.
    /// A move waits for every instance, and for at most this time for one that was killed. An instance that cannot reach the journal for three quarters of it stops answering.
    /// Zero: no leases, for a process that is alone with the migration.
    /// </summary>
    /// <value>10 s.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What this instance is called in messages about the fleet and in the audit log; 1 to 200 characters.</summary>
    /// <value>The name of the machine and the id of the process.</value>
    public string InstanceName { get; set; } = ThisProcess;

    /// <summary>Whether the way to reading from the new store (Q to D) needs a verification without differences first.</summary>
    /// <value>true.</value>
    public bool RequireVerification { get; set; } = true;

    /// <summary>What else the moves towards the new store ask for.</summary>
    /// <value>Nothing.</value>
    public CutoverGateOptions Gate { get; set; } = new();

    /// <summary>
    /// The percentage of the keys whose reads are compared with the mirror in the background, 0 to 100. A key is in or out by its hash, and one that is in stays in when the percentage rises.
    /// </summary>
    /// <value>0.</value>
    public double ShadowReadPercent { get; set; }

    /// <summary>How long a shadow read may take; 1 ms to 10 min.</summary>
    /// <value>1 s.</value>
    public TimeSpan ShadowReadTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the repository pays outbox debts by itself in the background. Off, call <see cref="OutboxRepair{TKey, TValue}.DrainAsync"/>.</summary>
    /// <value>true.</value>
    public bool RepairInBackground { get; set; } = true;

    /// <summary>How many outbox entries one step of the repair takes; 1 to 10,000.</summary>
    /// <value>256.</value>
    public int RepairBatchSize { get; set; } = 256;

    /// <summary>How often the repair looks for what a failed mirror write left behind, in the phases C to E; 1 ms to 1 h.</summary>
    /// <value>250 ms.</value>
    public TimeSpan RepairInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause of the repair between two attempts on a mirror that fails; it begins at <see cref="RepairInterval"/> and doubles.</summary>
    /// <value>30 s.</value>
    public TimeSpan RepairBackoffMaximum { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many failures in a row an outbox entry that the mirror refuses is set aside as a dead letter, while it takes others; 1 to 1,000,000.</summary>
    /// <value>10.</value>
    public int RepairAttempts { get; set; } = 10;

    /// <summary>How many rows one step of the backfill copies; 1 to 100,000.</summary>
    /// <value>500.</value>
    public int BackfillBatchSize { get; set; } = 500;

    /// <summary>How many key ranges the backfill copies at the same time; 1 to 64.</summary>
    /// <value>2.</value>
    public int BackfillParallelism { get; set; } = 2;

    /// <summary>
    /// How long a store may take for one page of the backfill. A slower call, and one that fails, halves the share of its time that the backfill works; each quick page adds
    /// a 32nd of it again. 1 ms to 10 min.
    /// </summary>
    /// <value>250 ms.</value>
    public TimeSpan BackfillLatencyLimit { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The most rows that the backfill copies in a second; 0 for no limit.</summary>
    /// <value>0.</value>
    public int BackfillRowsPerSecond { get; set; }

    /// <summary>How many rows of each store the verification reads at a time; 1 to 100,000.</summary>
    /// <value>1,000.</value>
    public int VerificationBatchSize { get; set; } = 1000;

    /// <summary>How long the verification waits before it looks again at rows that differed: writes on their way look like drift. 0 to 10 min.</summary>
    /// <value>200 ms.</value>
    public TimeSpan VerificationRecheckDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a differing row is looked at again before it counts as different; 1 to 100.</summary>
    /// <value>5.</value>
    public int VerificationRechecks { get; set; } = 5;

    internal MigrationOptions CopyValidated()
    {
        Between(MirrorTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10), nameof(MirrorTimeout));
        Between(MirrorFailureLimit, 0, 1, nameof(MirrorFailureLimit));
        Between(MoveTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(MoveTimeout));
        if (LeaseDuration != TimeSpan.Zero)
        {
            Between(LeaseDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(LeaseDuration));
        }

        Between(InstanceName?.Length ?? 0, 1, 200, $"{nameof(InstanceName)}.Length");
        Between(RepairInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(RepairInterval));
        Between(RepairBackoffMaximum, RepairInterval, TimeSpan.FromHours(1), nameof(RepairBackoffMaximum));
        Between(RepairBatchSize, 1, 10_000, nameof(RepairBatchSize));
        Between(BackfillBatchSize, 1, 100_000, nameof(BackfillBatchSize));
        Between(BackfillParallelism, 1, 64, nameof(BackfillParallelism));
        Between(BackfillLatencyLimit, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10), nameof(BackfillLatencyLimit));
        Between(BackfillRowsPerSecond, 0, int.MaxValue, nameof(BackfillRowsPerSecond));
        Between(VerificationBatchSize, 1, 100_000, nameof(VerificationBatchSize));
        Between(VerificationRecheckDelay, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(VerificationRecheckDelay));
        Between(VerificationRechecks, 1, 100, nameof(VerificationRechecks));
        Between(ShadowReadPercent, 0, 100, nameof(ShadowReadPercent));
        Between(ShadowReadTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10), nameof(ShadowReadTimeout));
        Between(RepairAttempts, 1, 1_000_000, nameof(RepairAttempts));
        Between(Gate.MinimumVerifiedRows, 0, long.MaxValue, "Gate:" + nameof(Gate.MinimumVerifiedRows));
        Between(Gate.MaximumMismatchRate, 0, 1, "Gate:" + nameof(Gate.MaximumMismatchRate));
        Between(Gate.DebtFreeFor, TimeSpan.Zero, TimeSpan.FromDays(30), "Gate:" + nameof(Gate.DebtFreeFor));
        Between(Gate.MaximumLag ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.MaxValue, "Gate:" + nameof(Gate.MaximumLag));
        Between(Gate.MaximumShadowMismatchRate ?? 0, 0, 1, "Gate:" + nameof(Gate.MaximumShadowMismatchRate));
        Between(Gate.ShadowConfidence, 0.5, 0.999999, "Gate:" + nameof(Gate.ShadowConfidence));
        var copy = (MigrationOptions)MemberwiseClone();
        copy.Gate = Gate.Copy();
        return copy;
    }

    private static void Between<T>(T value, T minimum, T maximum, string option)
        where T : IComparable<T>
    {
        if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
        {
            throw new ArgumentException($"{SectionName}:{option} is {value}; it must lie between {minimum} and {maximum}.", option);
        }
    }
}
