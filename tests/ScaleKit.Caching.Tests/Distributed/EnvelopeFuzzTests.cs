using System.Buffers.Binary;
using System.Globalization;

namespace ScaleKit.Caching.Tests;

/// <summary>
/// Spoilt and random bytes as the answer of a store. <c>SCALEKIT_FUZZ_INPUTS</c> sets how many (200,000 where it is not set), <c>SCALEKIT_FUZZ_SEED</c> which.
/// </summary>
public sealed class EnvelopeFuzzTests
{
    private const int MaximumPayload = 16 * 1024;

    // What one input may cost: the value, its bytes, texts of two bytes a character, and an exception.
    private const int Allowance = (6 * MaximumPayload) + (64 * 1024);
    private static readonly int Inputs = Setting("SCALEKIT_FUZZ_INPUTS", 200_000);
    private static readonly int Seed = Setting("SCALEKIT_FUZZ_SEED", 20_301);
    private static readonly int[] Odd = [0, 1, -1, 2, 255, 256, 65_535, MaximumPayload, MaximumPayload + 1, int.MaxValue, int.MaxValue - 1, int.MinValue];

    private static readonly byte[][] Whole =
    [
        Envelopes.Of("Ann"),
        Envelopes.Of("Ann", ["rooms", "ä😀"]),
        Envelopes.Of<string>(null, ["rooms"]),
        Envelopes.Of(new byte[] { 1, 2, 3 }),
        Envelopes.Of(new Session("Ann", ["read", "write"]), ["rooms"]),
        Envelopes.Of(42),
        Envelopes.Of(new string('x', MaximumPayload - 1), isCompressed: true),
        Envelopes.Of(new Session(new string('a', 500), [.. Enumerable.Range(0, 100).Select(i => $"right {i}")]), ["rooms", "users"], isCompressed: true),
    ];

    [Fact]
    public void TryRead_SpoiltOrRandomBytes_AreMissesThatThrowNothingAndCostLittle()
    {
        var name = $"fuzz-{Seed}";
        using var log = new RecordingLog();
        using var measured = new Measurements(name);
        var codec = Envelopes.Codec(new TwoLevelCacheOptions { Name = name, MaximumPayloadBytes = MaximumPayload }, log);
        foreach (var whole in Whole)
            _ = ReadAsAnything(codec, whole);
        var (random, refused) = (new Random(Seed), measured["scalekit.cache.rejections/corrupt"]);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Spoil(random);

            // One in eight gets a fitting checksum: the others end there.
            var isSealed = random.Next(8) == 0;
            if (isSealed)
                bytes = Envelopes.Resealed(bytes);
            else if (Whole.Any(w => w.AsSpan().SequenceEqual(bytes)))
                continue;
            using var buffer = Envelopes.Buffer(bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();

            var isRead = TryReadAs(codec, buffer, random.Next(4));

            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(isSealed || !isRead, $"seed {Seed}, input {i}: read without a fitting checksum: {Convert.ToHexString(bytes)}");
            Assert.True(cost <= Allowance + (8 * bytes.Length), $"seed {Seed}, input {i}: {cost} bytes allocated for {Convert.ToHexString(bytes)}");
            refused += isSealed ? 0 : 1;
        }

        Assert.InRange(measured["scalekit.cache.rejections/corrupt"], refused, long.MaxValue);
        Assert.InRange(log.Lines.Count, 1, 2);
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
        var at = random.Next(2) == 0 ? random.Next(Math.Min(bytes.Length, 80)) : random.Next(bytes.Length);
        switch (random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes, .. Noise(random)];
            case 4 when bytes.Length >= 4:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Math.Min(at, bytes.Length - 4)), Odd[random.Next(Odd.Length)]);
                return bytes;
            case 5:
                return [.. bytes[..at], .. Noise(random), .. bytes[at..]];
            default:
                var other = Whole[random.Next(Whole.Length)];
                return [.. bytes[..at], .. other[Math.Min(at, other.Length)..]];
        }
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(random.Next(2) == 0 ? 16 : 200)];
        random.NextBytes(bytes);
        if (random.Next(2) == 0 && bytes.Length >= Envelope.FixedLength)
            Whole[random.Next(Whole.Length)].AsSpan(0, 16).CopyTo(bytes);
        return bytes;
    }

    private static bool ReadAsAnything(EntryCodec codec, byte[] bytes)
    {
        var isRead = false;
        for (var type = 0; type < 4; type++)
        {
            using var buffer = Envelopes.Buffer(bytes);
            isRead |= TryReadAs(codec, buffer, type);
        }

        return isRead;
    }

    private static bool TryReadAs(EntryCodec codec, PooledBuffer buffer, int type)
    {
        switch (type)
        {
            case 0:
                return codec.TryRead<string>(buffer, out var text, out _) && IsWithin(text?.Length ?? 0);
            case 1:
                return codec.TryRead<byte[]>(buffer, out var bytes, out _) && IsWithin(bytes?.Length ?? 0);
            case 2:
                return codec.TryRead<Session>(buffer, out _, out _);
            default:
                return codec.TryRead<int>(buffer, out _, out _);
        }
    }

    private static bool IsWithin(int length)
    {
        Assert.InRange(length, 0, MaximumPayload);
        return true;
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
