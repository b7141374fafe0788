using System.Diagnostics;
using Spectre.Console;

namespace ScaleKit.Analysis.Load;

/// <summary>Calls at random moments, on average so many a second (Poisson), by people taken at random. When the machine is late the call is made at once, and its time counts from when it was due.</summary>
internal sealed class OpenLoop(ChatCrowd crowd, int historyPercent, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Random _random = new(seed);

    public async Task<LoadStep> RunAsync(double rate, TimeSpan length, ProgressTask progress)
    {
        var step = new LoadStep(rate, length);
        var (start, seated, end) = (Stopwatch.GetTimestamp(), crowd.Seated, length.TotalSeconds);
        progress.MaxValue = end;
        for (var at = Gap(rate); at < end; at += Gap(rate))
        {
            var due = start + (long)(at * Stopwatch.Frequency);
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is var early && early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early, TimeProvider.System);
                progress.Value = at;
            }

            var person = seated[_random.Next(seated.Count)];
            step.Offer();
            _ = _random.Next(100) < historyPercent ? person.ReadAsync(step, due) : person.PostAsync(step, due);
        }

        // What is answered late counts as late, and what is never answered as an error.
        var waiting = Stopwatch.GetTimestamp();
        while (step.Open > 0 && Stopwatch.GetElapsedTime(waiting) < Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        progress.Value = end;
        return step;
    }

    private double Gap(double rate) => -Math.Log(1 - _random.NextDouble()) / rate;
}
