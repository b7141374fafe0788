namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The situations that are searched. In each, a process that does not move learns of the move only when a store refuses its write.</summary>
internal static class Scenarios
{
    private const MigrationPhase A = MigrationPhase.OldOnly;
    private const MigrationPhase B = MigrationPhase.DualWrite;
    private const MigrationPhase C = MigrationPhase.DualWriteBoth;
    private const MigrationPhase Q = MigrationPhase.HelpingReads;
    private const MigrationPhase D = MigrationPhase.ReadNew;
    private const MigrationPhase E = MigrationPhase.NewSequencer;
    private const MigrationPhase F = MigrationPhase.NewOnly;

    /// <summary>Every pair of neighbours, both ways.</summary>
    public static IReadOnlyList<(MigrationPhase From, MigrationPhase To)> Pairs { get; } =
        [(A, B), (B, C), (C, Q), (Q, D), (D, E), (E, F), (F, E), (E, D), (D, Q), (Q, C), (C, B), (B, A)];

    /// <summary>All that is searched for a pair.</summary>
    public static IReadOnlyList<Scenario> Of(MigrationPhase from, MigrationPhase to) => [Changing(from, to), Faulty(from, to), Pair(from, to)];

    /// <summary>Two processes write, delete and read around a move; debts are paid.</summary>
    public static Scenario Pair(MigrationPhase from, MigrationPhase to) => new(
        $"{Arrow(from, to)} put, delete, reads",
        from,
        [
            ("w1", 0, [Op.Put(2)]),
            ("r1", 0, [Op.Get]),
            ("m", 1, Move(to)),
            ("w2", 1, [Op.Delete]),
            ("r2", 1, [Op.Get]),
            ("p", 1, [Op.Repair]),
        ]);

    /// <summary>The same with fewer hands, a call that fails or times out, and a process that is killed.</summary>
    public static Scenario Faulty(MigrationPhase from, MigrationPhase to) => new(
        $"{Arrow(from, to)} put, read, fault, crash",
        from,
        [("w1", 0, [Op.Put(2)]), ("m", 1, Move(to)), ("r2", 1, [Op.Get]), ("p", 1, [Op.Repair])])
    {
        Faults = 1,
        Crashes = 1,
    };

    /// <summary>A change that depends on what was there, against a put; a call that fails or times out.</summary>
    public static Scenario Changing(MigrationPhase from, MigrationPhase to) => new(
        $"{Arrow(from, to)} update, put, fault", from, [("w1", 0, [Op.Update]), ("m", 1, Move(to)), ("w2", 1, [Op.Put(2)])]) { Faults = 1 };

    /// <summary>The least that shows a pair: part of <see cref="Faulty"/>, for the guards that are taken out.</summary>
    public static Scenario Small(MigrationPhase from, MigrationPhase to) => new(
        $"{Arrow(from, to)} put, read", from, [("w1", 0, [Op.Put(2)]), ("m", 1, Move(to)), ("r2", 1, [Op.Get]), ("p", 1, [Op.Repair])]);

    /// <summary>Three rungs in one process: two neighbours are safe together, two further apart only because each move waits for the operations of the phase before.</summary>
    public static IReadOnlyList<Scenario> Walks { get; } =
    [
        new("C -> Q -> D put, reads", C, [("w", 0, [Op.Put(2)]), ("r1", 0, [Op.Get]), ("m", 0, [Op.Move(Q), Op.Move(D)]), ("r2", 0, [Op.Get])]) { Processes = 1 },
        new("D -> Q -> C put, reads", D, [("w", 0, [Op.Put(2)]), ("r1", 0, [Op.Get]), ("m", 0, [Op.Move(Q), Op.Move(C)]), ("r2", 0, [Op.Get])]) { Processes = 1 },
    ];

    /// <summary>A key whose reads go to the new store ahead of the others, and come back.</summary>
    public static Scenario ReadShare { get; } = new(
        "Q, share of reads 100 % and 0 %", Q, [("w", 0, [Op.Put(2)]), ("r1", 0, [Op.Get]), ("m", 0, [Op.Share(100), Op.Share(0)]), ("r2", 0, [Op.Get])]) { Processes = 1 };

    /// <summary>The backfill against a delete and a put, with the move that begins the dual writes.</summary>
    public static IReadOnlyList<Scenario> Backfills { get; } =
    [
        new("A -> B, backfill, delete", A, [("w1", 0, [Op.Delete]), ("m", 1, [Op.Move(B), Op.Backfill]), ("p", 1, [Op.Repair])]),
        new("A -> B, backfill, put, delete", A, [("w1", 0, [Op.Put(2)]), ("m", 1, [Op.Move(B), Op.Backfill]), ("w2", 1, [Op.Delete]), ("p", 1, [Op.Repair])]),
        new("F -> E, backfill, put, delete", F, [("w1", 0, [Op.Put(2)]), ("m", 1, [Op.Move(E), Op.Backfill]), ("w2", 1, [Op.Delete])]),
        new("B, backfill, put, crash", A, [("m", 0, [Op.Move(B), Op.Backfill, Op.Backfill]), ("w", 0, [Op.Put(2)]), ("p", 0, [Op.Repair])])
        {
            Processes = 1,
            Faults = 1,
            Crashes = 1,
        },
    ];

    /// <summary>
    /// Two processes with leases; one of them moves by several rungs, the other may sleep past the end of its lease with an operation on its way. In each, without the leases, the sleeper would wake
    /// two rungs away.
    /// </summary>
    public static IReadOnlyList<Scenario> Fleets { get; } =
    [
        Fleet("D -> Q -> C -> B, a reader sleeps", D, ("r", 0, [Op.Get]), ("m", 1, [Op.Move(Q), Op.Move(C), Op.Move(B), Op.Put(2)])),
        Fleet("B -> C -> Q -> D, a writer sleeps", B, ("w", 0, [Op.Put(2)]), ("m", 1, [Op.Move(C), Op.Move(Q), Op.Move(D), Op.Get])),
        Fleet("D -> E -> F, a reader sleeps", D, ("r", 0, [Op.Get]), ("m", 1, [Op.Move(E), Op.Move(F), Op.Put(2)])),
        Fleet("A -> B, backfill, a writer sleeps", A, ("w", 0, [Op.Put(2)]), ("m", 1, [Op.Move(B), Op.Backfill])) with { Sleepers = 1 },
        Fleet("D -> Q -> C, a heartbeat", D, ("r", 0, [Op.Get]), ("h", 0, [Op.Beat]), ("m", 1, [Op.Move(Q), Op.Move(C), Op.Put(2)])),
        Fleet("C -> Q -> D, a reader sleeps", C, ("r", 0, [Op.Get]), ("m", 1, [Op.Move(Q), Op.Move(D), Op.Get]), ("w", 1, [Op.Put(2)])),
        new("C -> Q, share of reads 100 % and back", C, [("r", 0, [Op.Get]), ("m", 1, [Op.Move(Q), Op.Share(100), Op.Share(0), Op.Move(C)]), ("w", 1, [Op.Put(2)])]) { Processes = 2, Leases = true },
        Fleet("D -> E -> F, a writer sleeps", D, ("w", 0, [Op.Put(2)]), ("m", 1, [Op.Move(E), Op.Move(F), Op.Get])),
        Fleet("E -> D -> Q, a writer sleeps", E, ("w", 0, [Op.Put(2)]), ("m", 1, [Op.Move(D), Op.Move(Q), Op.Get])),
    ];

    /// <summary>All that is searched.</summary>
    public static IReadOnlyList<Scenario> All => [.. Pairs.SelectMany(static pair => Of(pair.From, pair.To)), .. Walks, ReadShare, .. Backfills, .. Fleets];

    private static Scenario Fleet(string name, MigrationPhase start, params (string Name, int Process, IReadOnlyList<Op> Script)[] actors) =>
        new(name, start, actors) { Leases = true, Sleeps = 1 };

    private static IReadOnlyList<Op> Move(MigrationPhase to) => [Op.Move(to)];

    private static string Arrow(MigrationPhase from, MigrationPhase to) => $"{from.Letter()} -> {to.Letter()}";
}
