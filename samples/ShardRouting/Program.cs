using ShardRouting;
using Spectre.Console;

if (!SampleOptions.TryParse(args, out var options, out var message))
{
    Console.WriteLine(message);
    return args is ["--help"] ? 0 : 2;
}

// A file and a pipe show no colours.
AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
var folder = Directory.CreateDirectory(options.Data ?? Path.Combine(Path.GetTempPath(), $"shard-routing-{Guid.NewGuid():N}")).FullName;
try
{
    return await new GrowingSystem(folder, options).RunAsync();
}
catch (IOException error)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{error.Message}[/]");
    return 1;
}
finally
{
    if (options.Data is null)
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}
