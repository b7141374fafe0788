using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ScaleKit.Caching;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>Records of the log, spoilt ones too. <c>SCALEKIT_FUZZ_INPUTS</c> sets how many (200,000 where it is not set), <c>SCALEKIT_FUZZ_SEED</c> which.</summary>
public sealed class InvalidationCodecTests
{
    // Lists, texts of two bytes a character and their headers: what is read is at most so much larger than its bytes.
    private const int BytesPerByte = 16;
    private const int Allowance = 1024;
    private static readonly int Inputs = Setting("SCALEKIT_FUZZ_INPUTS", 200_000);
    private static readonly int Seed = Setting("SCALEKIT_FUZZ_SEED", 20_302);
    private static readonly int[] Odd = [0, 1, -1, 2, 255, 65_535, int.MaxValue, int.MaxValue / 4, int.MinValue];

    private static readonly byte[][] Whole =
    [
        RecordOf("1 2 3 4", new Invalidation("c", ["user:1"])),
        RecordOf("1 9223372036854775807 0 4", new Invalidation("c", ["a", "ä😀", ""], ["*", "rooms"])),
        RecordOf("7 1 0 9", new Invalidation("c", [.. Enumerable.Range(0, 256).Select(i => $"key {i}")])),
        "5 0 0 3\n"u8.ToArray(),
    ];

    [Fact]
    public void TryDecode_WhatWasEncoded_ComesBack()
    {
        Assert.True(InvalidationCodec.TryDecode("c", Whole[1], out var record));

        Assert.Equal((new InvalidationPosition(1, long.MaxValue, 4), 0L), (record.Position, record.PreviousLink));
        Assert.Equal(["a", "ä😀", ""], record.Invalidation.Keys);
        Assert.Equal(["*", "rooms"], record.Invalidation.Tags);
    }

    [Fact]
    public void TryDecode_AnyEndCutOffOrBytesAfterIt_IsRefused()
    {
        foreach (var whole in Whole)
        {
            // The head alone is the record of a new epoch.
            var head = whole.AsSpan().IndexOf((byte)'\n') + 1;
            for (var length = 0; length < whole.Length; length++)
                Assert.Equal(length == head, InvalidationCodec.TryDecode("c", whole.AsSpan(0, length), out _));
            Assert.False(InvalidationCodec.TryDecode("c", [.. whole, 0], out _));
        }
    }

    [Fact]
    public void TryDecode_SpoiltOrRandomBytes_ThrowNothingAndCostLittle()
    {
        var random = new Random(Seed);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Spoil(random);
            var before = GC.GetAllocatedBytesForCurrentThread();

            var isRead = InvalidationCodec.TryDecode("c", bytes, out var record);
            var isTag = InvalidationCodec.TryDecodeTag(bytes, out var tag);

            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(cost <= Allowance + (BytesPerByte * bytes.Length), $"seed {Seed}, input {i}: {cost} bytes allocated for {Convert.ToHexString(bytes)}");
            Assert.True(!isTag || tag!.Length <= bytes.Length, $"seed {Seed}, input {i}");
            if (isRead)
                AssertSane(record, bytes, $"seed {Seed}, input {i}: {Convert.ToHexString(bytes)}");
        }
    }

    private static void AssertSane(InvalidationRecord record, byte[] bytes, string input)
    {
        var texts = record.Invalidation.Keys.Concat(record.Invalidation.Tags).ToList();
        Assert.True(record.Position is { Epoch: >= 0, Sequence: >= 0, Link: >= 0 } && record.PreviousLink >= 0, input);
        Assert.True(texts.Sum(t => 4 + Encoding.UTF8.GetByteCount(t)) <= bytes.Length, input);
    }

    private static byte[] Spoil(Random random)
    {
        if (random.Next(8) == 0)
            return Noise(random);
        var bytes = Whole[random.Next(Whole.Length)].ToArray();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
            bytes = SpoilOnce(bytes, random);
        return bytes;
    }

    private static byte[] SpoilOnce(byte[] bytes, Random random)
    {
        var at = random.Next(2) == 0 ? random.Next(Math.Min(bytes.Length, 24)) : random.Next(bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 1:
                return bytes[..at];
            case 2 when bytes.Length >= 4:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Math.Min(at, bytes.Length - 4)), Odd[random.Next(Odd.Length)]);
                return bytes;
            case 3:
                return [.. bytes[..at], .. Noise(random), .. bytes[at..]];
            default:
                var other = Whole[random.Next(Whole.Length)];
                return [.. bytes[..at], .. other[Math.Min(at, other.Length)..]];
        }
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] RecordOf(string head, Invalidation invalidation) => [.. Encoding.UTF8.GetBytes(head + "\n"), .. InvalidationCodec.Encode(invalidation)];

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
