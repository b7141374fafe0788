using System.Globalization;
using System.Text;

namespace ScaleKit.TestKit;

/// <summary>
/// Gives a parser spoilt copies of whole inputs, and noise: it may take them or refuse them as it documents, and what it allocates stays within a multiple of the input.
/// <c>SCALEKIT_FUZZ_INPUTS</c> sets how many inputs each parser gets (100,000 where it is not set), <c>SCALEKIT_FUZZ_SEED</c> which.
/// </summary>
/// <param name="whole">Inputs that the parser takes: at least one.</param>
public sealed class Fuzzer(params IReadOnlyList<byte[]> whole)
{
    private static readonly int Inputs = Setting("SCALEKIT_FUZZ_INPUTS", 100_000);
    private static readonly int Seed = Setting("SCALEKIT_FUZZ_SEED", 20_301);
    private readonly Spoiler _spoiler = new(whole, new Random(Seed));

    /// <summary>Bytes that one byte of input may cost. Default 16: texts of two bytes a character, lists, and the objects around them.</summary>
    public int BytesPerByte { get; init; } = 16;

    /// <summary>Bytes that any input may cost, on top. Default 8,192: an exception with its message.</summary>
    public int Allowance { get; init; } = 8 * 1024;

    /// <summary>How many usual inputs one of this parser stands for. Default 1; more where one that is whole makes something large.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The exception by which the parser refuses; null (default) where it answers false.</summary>
    public Type? Refusal { get; init; }

    /// <summary>Bytes as they are. <paramref name="read"/> says whether the parser took them.</summary>
    public FuzzCounts Run(Func<byte[], bool> read) => Run(static (bytes, _) => bytes, read);

    /// <summary>The same as text, now and then with half of a surrogate pair.</summary>
    public FuzzCounts RunText(Func<string, bool> read) => Run(ToText, read);

    /// <summary>Inputs that are made of the bytes first; making them is not counted.</summary>
    public FuzzCounts Run<TInput>(Func<byte[], Random, TInput> make, Func<TInput, bool> read)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(read);
        foreach (var bytes in whole)
        {
            Demand(read(make(bytes, new NoChange())), "a whole input is refused", 0, bytes);
        }

        var (taken, inputs) = (0, Math.Max(1, Inputs / Weight));
        for (var i = 0; i < inputs; i++)
        {
            var bytes = _spoiler.Next();
            var input = make(bytes, _spoiler.Random);
            var most = Allowance + ((long)BytesPerByte * bytes.Length);
            var isTaken = Read(read, input, out var cost, i, bytes);

            // A table that is filled once is paid once.
            Demand(cost <= most || (Read(read, input, out cost, i, bytes) == isTaken && cost <= most), $"{cost} bytes allocated, {most} is the limit", i, bytes);
            taken += isTaken ? 1 : 0;
        }

        return new FuzzCounts(taken, inputs - taken);
    }

    private bool Read<TInput>(Func<TInput, bool> read, TInput input, out long cost, int number, byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isTaken = false;
        try
        {
            isTaken = read(input);
        }
        catch (Exception refusal) when (Refusal?.IsInstanceOfType(refusal) == true)
        {
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(Message($"{failure.GetType().Name}: {failure.Message}", number, bytes), failure);
        }

        cost = GC.GetAllocatedBytesForCurrentThread() - before;
        return isTaken;
    }

    private static string ToText(byte[] bytes, Random random)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return random.Next(16) == 1 ? text.Insert(random.Next(text.Length + 1), "\ud800") : text;
    }

    private static void Demand(bool holds, string problem, int number, byte[] bytes)
    {
        if (!holds)
        {
            throw new InvalidOperationException(Message(problem, number, bytes));
        }
    }

    private static string Message(string problem, int number, byte[] bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, input {number}: {problem}\n{Convert.ToHexString(bytes)}\n{Encoding.UTF8.GetString(bytes)}");

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    /// <summary>For the inputs that are to stay whole.</summary>
    private sealed class NoChange : Random
    {
        public override int Next(int maxValue) => 0;
    }
}
