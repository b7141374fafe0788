using System.Diagnostics;

namespace ScaleKit.TestKit;

/// <summary>Waits for a condition instead of for time: polls until it holds, or fails at the deadline with what was expected.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as <paramref name="condition"/> holds; throws <see cref="TimeoutException"/> after <paramref name="deadline"/> (30 s).</summary>
    public static Task HoldsAsync(Func<bool> condition, string expectation, TimeSpan? deadline = null) =>
        HoldsAsync(() => ValueTask.FromResult(condition()), expectation, deadline);

    /// <summary>The asynchronous form: the condition may ask a server.</summary>
    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, string expectation, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var limit = deadline ?? DefaultDeadline;
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {expectation}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
