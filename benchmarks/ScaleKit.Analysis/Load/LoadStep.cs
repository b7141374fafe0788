using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ScaleKit.Analysis.Load;

/// <summary>What became of the calls of one step. Thread-safe.</summary>
internal sealed class LoadStep
{
    private static readonly ConcurrentDictionary<int, LoadStep> Steps = new();
    private readonly Lock _gate = new();
    private int _open;

    public LoadStep(double rate, TimeSpan length)
    {
        (Rate, Length, Number) = (rate, length, Steps.Count);
        Steps[Number] = this;
    }

    public int Number { get; }

    /// <summary>Calls a second on average.</summary>
    public double Rate { get; }

    public TimeSpan Length { get; }

    public int Offered { get; private set; }

    public int Errors { get; private set; }

    /// <summary>Milliseconds from the moment at which a message was due to its acknowledgement.</summary>
    public Sample Posts { get; } = new();

    /// <summary>The same for a page of history.</summary>
    public Sample Pages { get; } = new();

    /// <summary>From the moment at which a message was due until one of the members saw it.</summary>
    public Sample Deliveries { get; } = new();

    public IReadOnlyDictionary<string, ServerTime> Times { get; set; } = new Dictionary<string, ServerTime>(StringComparer.Ordinal);

    public int Done => Posts.Count + Pages.Count;

    /// <summary>Calls without an answer so far.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Whether every call was answered, without an error and in time.</summary>
    public bool IsCarried(double mostMilliseconds) => Errors == 0 && Open == 0 && Posts.Quantile(0.95) <= mostMilliseconds;

    /// <summary>A member has got a message: its text tells of which step it is, and when it was due.</summary>
    public static void Delivered(string text)
    {
        var words = text.Split(' ', 5);
        if (words is ["due", var due, "in", var number, ..]
            && Steps.TryGetValue(int.Parse(number.AsSpan().TrimEnd(','), CultureInfo.InvariantCulture), out var step))
        {
            var late = Stopwatch.GetElapsedTime(long.Parse(due, CultureInfo.InvariantCulture));
            lock (step._gate)
            {
                step.Deliveries.Add(late.TotalMilliseconds);
            }
        }
    }

    public void Offer()
    {
        Interlocked.Increment(ref _open);
        Offered++;
    }

    public void Posted(TimeSpan late) => Answer(Posts, late);

    public void Read(TimeSpan late) => Answer(Pages, late);

    public void Failed()
    {
        lock (_gate)
        {
            Errors++;
        }

        Interlocked.Decrement(ref _open);
    }

    private void Answer(Sample sample, TimeSpan late)
    {
        lock (_gate)
        {
            sample.Add(late.TotalMilliseconds);
        }

        Interlocked.Decrement(ref _open);
    }
}
