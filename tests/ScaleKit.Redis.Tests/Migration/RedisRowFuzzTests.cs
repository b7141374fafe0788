using ScaleKit.Migration;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Migration;

/// <summary>What others may have written under the names of a store.</summary>
public sealed class RedisRowFuzzTests
{
    private static readonly RedisRow<string, string> Texts = new(KeyFormat.Text, ValueFormat.Text, 1_000);
    private static readonly RedisRow<int, byte[]> Numbers = new(KeyFormat.ForInt32, ValueFormat.Bytes, 1_000);
    private static readonly RedisRow<Guid, string> Guids = new(KeyFormat.ForGuid, ValueFormat.Text, 1_000);

    [Fact]
    public void Row_SpoiltRows_AreRefusedAsDocumentedAndCostLittle() =>
        Run(
            ["12:3:0:value"u8.ToArray(), "12:3:1:"u8.ToArray(), "9223372036854775807:0:0:ä😀"u8.ToArray(), "1:1:0:"u8.ToArray()],
            static bytes => Texts.Row(bytes).Version.Epoch != long.MinValue & Numbers.Row(bytes).Version == Numbers.Row(bytes).Version & !Equals(Texts.AddTo(default, "k", bytes), null));

    [Fact]
    public void Debt_SpoiltEntries_AreRefusedAsDocumentedAndCostLittle() =>
        Run(["7:12:3:80000000000000ff"u8.ToArray(), "9223372036854775807:1:1:7fffffffffffffff"u8.ToArray()], static bytes => Numbers.Debt(bytes).Sequence != long.MinValue);

    [Fact]
    public void Key_SpoiltKeys_AreRefusedAsDocumentedAndCostLittle()
    {
        Run([Numbers.Key(42), Numbers.Key(-1), Numbers.Key(int.MaxValue)], static bytes => Numbers.Key(bytes.AsSpan()) >= int.MinValue);
        Run([Guids.Key(Guid.Empty), Guids.Key(new Guid("00112233-4455-6677-8899-aabbccddeeff"))], static bytes => Guids.Key(bytes.AsSpan()) == Guids.Key(bytes.AsSpan()));
    }

    private static void Run(IReadOnlyList<byte[]> whole, Func<byte[], bool> read)
    {
        var counts = new Fuzzer(whole) { Refusal = typeof(InvalidDataException), BytesPerByte = 64 }.Run(read);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }
}
