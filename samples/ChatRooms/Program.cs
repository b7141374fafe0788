return await ChatRooms.Launcher.RunAsync(args);
