using System.Globalization;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>A node as a process, told line by line what to do.</summary>
internal static class AdmissionProgram
{
    public static async Task RunAsync(string server, string caps, string queue)
    {
        var numbers = caps.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        await using var node = new AdmissionNode(server, numbers[0], numbers[1], numbers[2], queue, options => options.StoreLease = TimeSpan.FromSeconds(numbers[3]));
        var lost = 0;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var count = words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0;
            switch (words[0])
            {
                // take <room or *> <count>: without waiting.
                case "take":
                    var results = await Task.WhenAll(Enumerable.Range(0, count).Select(i => node.TryAsync(words[1] == "*" ? $"room {i % numbers[1]}" : words[1])));
                    foreach (var lease in results.Where(r => r.IsAdmitted).Select(r => r.Lease!))
                    {
                        node.Held.Add(lease);
                        lease.LeaseLost.Register(() => Interlocked.Increment(ref lost));
                    }

                    break;
                case "give":
                    foreach (var lease in node.Held)
                    {
                        await lease.DisposeAsync();
                    }

                    break;
                default:
                    break;
            }

            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{node.Held.Count(l => !l.IsReleased)} {Volatile.Read(ref lost)} {node.Held.Select(l => l.FencingNumber).DefaultIfEmpty().Max()} {node.Queue.IsAway}"));
        }
    }
}
