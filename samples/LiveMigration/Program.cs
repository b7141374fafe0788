using LiveMigration;
using Spectre.Console;

if (!SampleOptions.TryParse(args, out var options, out var message))
{
    Console.WriteLine(message);
    return args is ["--help"] ? 0 : 2;
}

if (options.Worker is { } place)
{
    return await new Worker(place, options).RunAsync();
}

// A file and a pipe show no colours.
AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
var folder = Directory.CreateDirectory(options.Data ?? Path.Combine(Path.GetTempPath(), $"live-migration-{Guid.NewGuid():N}")).FullName;
try
{
    var stores = new Place(folder, options.Postgres, Place.NewTableOf(folder));
    await stores.ReachAsync();
    return options.ByHand ? await new ByHand(stores, options).RunAsync(Console.In, Console.Out) : await new Demonstration(stores, options).RunAsync();
}
catch (Exception error) when (error is IOException or System.Data.Common.DbException)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{error.Message}[/]");
    return 1;
}
finally
{
    if (options.Data is null)
    {
        Directory.Delete(folder, recursive: true);
    }
}
