using System.Text;
using System.Text.Json;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>What others may have put into the store of a journal.</summary>
public sealed class JournalFuzzTests
{
    private static readonly MigrationState State = new()
    {
        Phase = MigrationPhase.ReadNew, Epoch = 12, Revision = 3, Tenure = 5, MirrorComplete = true, VerifiedRows = 1_000_000, ReversedFrom = MigrationPhase.NewOnly, ReadShare = 12.5,
    };

    [Fact]
    public void State_SpoiltDocuments_AreRefusedAsDocumentedAndCostLittle()
    {
        var journal = new GivenJournal();
        var document = new StateDocument(journal, "m");

        Run(
            [Json(State, JournalJson.Default.MigrationState), Json(new MigrationState(), JournalJson.Default.MigrationState)],
            text =>
            {
                journal.Text = text;
                var state = document.ReadAsync(CancellationToken.None).Result!;
                return state.Epoch >= 1 && state.ReadShare is >= 0 and <= 100 && Enum.IsDefined(state.Phase);
            });
    }

    [Fact]
    public void Audit_SpoiltRecords_AreRefusedAsDocumentedAndCostLittle()
    {
        var journal = new GivenJournal();
        var log = new AuditLog(journal, "m", "one");
        var record = new MigrationAuditRecord
        {
            Instance = "one", From = MigrationPhase.ReadNew, To = MigrationPhase.NewOnly, Epoch = 12, OverriddenBy = "ann", Reason = "ä😀",
            Overridden = [new UnmetCondition(GateCondition.Neighbour, "1", "2", "3")],
        };

        Run(
            [Json(record, JournalJson.Default.MigrationAuditRecord), Json(new MigrationAuditRecord(), JournalJson.Default.MigrationAuditRecord)],
            text =>
            {
                journal.Text = text;
                var read = log.ReadAsync(0, 1, CancellationToken.None).Result[0];
                return read is { Instance: not null, Overridden: not null, Evidence: not null } && read.Overridden.All(static one => one is { Message: not null }) ? true : throw new InvalidOperationException("null where none is expected");
            });
    }

    [Fact]
    public void Checkpoint_SpoiltDocuments_AreRefusedAsDocumentedAndCostLittle()
    {
        var journal = new GivenJournal();
        var document = new CheckpointDocument(journal, "m");
        var checkpoint = new BackfillCheckpoint { Tenure = 3, Open = [new BackfillChunk("a", "m"), new BackfillChunk(null, null)], Rest = new BackfillChunk("z", null), Rows = 500 };

        Run(
            [Json(checkpoint, JournalJson.Default.BackfillCheckpoint), Json(new BackfillCheckpoint(), JournalJson.Default.BackfillCheckpoint)],
            text =>
            {
                journal.Text = text;
                var read = document.ReadAsync(CancellationToken.None).Result!;
                return read.Done || read.Open.All(static chunk => chunk is not null) ? true : throw new InvalidOperationException("null where none is expected");
            });
    }

    private static void Run(IReadOnlyList<byte[]> whole, Func<string, bool> read)
    {
        var counts = new Fuzzer(whole) { Refusal = typeof(MigrationStateException), BytesPerByte = 32 }.RunText(read);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    private static byte[] Json<T>(T document, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(document, type));

    /// <summary>Answers at once with one text.</summary>
    private sealed class GivenJournal : IMigrationJournal
    {
        public string Text { get; set; } = "";

        public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default) => new(new JournalEntry(Text, 1));

        public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default) =>
            new([new JournalAuditRecord(1, default, Text)]);

        public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
